-- The devices of several registries that have one identifier, where sources publish one.
-- value: the identifier.
WITH shared AS (
    SELECT device_identifier AS value
    FROM equipment
    WHERE length(device_identifier) BETWEEN 1 AND 100
    GROUP BY device_identifier
    HAVING count(DISTINCT registry) > 1
)
SELECT
    'equipment' AS kind, e.device_identifier AS value, e.registry, e.id, e.retired
FROM equipment e JOIN shared ON shared.value = e.device_identifier
ORDER BY e.device_identifier, e.registry, e.id
LIMIT 10000
