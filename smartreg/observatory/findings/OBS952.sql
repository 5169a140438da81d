-- The records that name a record of another source which the kept release of that source does not have.
-- registry, kind, id: of the record; field: that names; there, there_kind, there_id: what it names.
WITH named AS (
    SELECT e.registry, 'equipment' AS kind, e.id, 'support' AS field, 'support' AS there_kind, e.support_key AS there_key
    FROM equipment e LEFT JOIN supports s ON s.key = e.support_key WHERE s.key IS NULL
    UNION ALL
    SELECT e.registry, 'equipment', e.id, 'network', 'network', e.network_key
    FROM equipment e LEFT JOIN networks n ON n.key = e.network_key WHERE n.key IS NULL
    UNION ALL
    SELECT e.registry, 'equipment', e.id, 'owner', 'party', e.owner_key
    FROM equipment e LEFT JOIN parties p ON p.key = e.owner_key WHERE p.key IS NULL
    UNION ALL
    SELECT s.registry, 'support', s.id, 'owner', 'party', s.owner_key
    FROM supports s LEFT JOIN parties p ON p.key = s.owner_key WHERE p.key IS NULL
    UNION ALL
    SELECT n.registry, 'network', n.id, 'owner', 'party', n.owner_key
    FROM networks n LEFT JOIN parties p ON p.key = n.owner_key WHERE p.key IS NULL
    UNION ALL
    SELECT n.registry, 'network', n.id, 'operator', 'party', n.operator_key
    FROM networks n LEFT JOIN parties p ON p.key = n.operator_key WHERE p.key IS NULL
    UNION ALL
    SELECT f.registry, 'flow', f.id, 'producer', 'party', f.producer_key
    FROM flows f LEFT JOIN parties p ON p.key = f.producer_key WHERE p.key IS NULL
)
SELECT registry, kind, id, field, substr(there_key, 1, 36) AS there, there_kind, substr(there_key, 38) AS there_id
FROM named
WHERE there_key IS NOT NULL AND substr(there_key, 1, 36) <> registry
ORDER BY registry, kind, id, field, there_key
LIMIT 10000
