-- The records that name a record of another source which the kept release of that source does not have.
-- registry, kind, id: of the record; field: that names; there, there_kind, there_id: what it names.
WITH named AS (
    SELECT registry, 'equipment' AS kind, id, 'support' AS field, 'support' AS there_kind, support_key AS there_key
    FROM equipment
    UNION ALL SELECT registry, 'equipment', id, 'network', 'network', network_key FROM equipment
    UNION ALL SELECT registry, 'equipment', id, 'owner', 'party', owner_key FROM equipment
    UNION ALL SELECT registry, 'support', id, 'owner', 'party', owner_key FROM supports
    UNION ALL SELECT registry, 'network', id, 'owner', 'party', owner_key FROM networks
    UNION ALL SELECT registry, 'network', id, 'operator', 'party', operator_key FROM networks
    UNION ALL SELECT registry, 'flow', id, 'producer', 'party', producer_key FROM flows
), kept AS (
    SELECT 'support' AS kind, key FROM supports
    UNION ALL SELECT 'network', key FROM networks
    UNION ALL SELECT 'party', key FROM parties
)
SELECT
    named.registry, named.kind, named.id, field,
    substr(there_key, 1, 36) AS there, there_kind, substr(there_key, 38) AS there_id
FROM named LEFT JOIN kept ON kept.kind = there_kind AND kept.key = there_key
WHERE substr(there_key, 1, 36) <> named.registry AND kept.key IS NULL
ORDER BY named.registry, named.kind, named.id, field, there_key
LIMIT 10000
