-- The parties without a SIREN.
SELECT registry, id, left(name, 200) AS name
FROM parties
WHERE siren IS NULL AND ended_on IS NULL
ORDER BY registry, id
LIMIT 10000
