-- The parties of several registries that have one SIREN and several names. Whether the names differ but in capitals and
-- accents is for the reader of the rows.
WITH named AS (
    SELECT siren
    FROM parties
    WHERE siren IS NOT NULL AND ended_on IS NULL
    GROUP BY siren
    HAVING count(DISTINCT registry) > 1 AND count(DISTINCT name) > 1
)
SELECT p.siren, p.registry, p.id, left(p.name, 200) AS name
FROM parties p JOIN named ON named.siren = p.siren
WHERE p.name IS NOT NULL AND p.ended_on IS NULL
ORDER BY p.siren, p.registry, p.id
LIMIT 10000
