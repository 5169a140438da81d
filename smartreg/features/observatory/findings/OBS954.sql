-- The supports of several registries that have one owner (by SIREN) and one reference of it, and the communes of several
-- registries with one municipality code and several SIREN. value: SIREN and reference, or the code.
WITH marked AS (
    SELECT p.siren || ' ' || s.local_ref AS value, s.registry, s.id
    FROM supports s JOIN parties p ON p.key = s.owner_key
    WHERE length(s.local_ref) BETWEEN 1 AND 100 AND p.siren IS NOT NULL AND coalesce(s.status, '') <> 'removed'
), marks AS (
    SELECT value FROM marked GROUP BY value HAVING count(DISTINCT registry) > 1
), codes AS (
    SELECT insee_code AS value
    FROM parties
    WHERE category = 'commune' AND insee_code IS NOT NULL AND ended_on IS NULL
    GROUP BY insee_code
    HAVING count(DISTINCT registry) > 1 AND count(DISTINCT siren) > 1
), twice AS (
    SELECT 'support' AS kind, marked.value, marked.registry, marked.id
    FROM marked JOIN marks ON marks.value = marked.value
    UNION ALL
    SELECT 'party', codes.value, p.registry, p.id
    FROM parties p JOIN codes ON codes.value = p.insee_code
    WHERE p.category = 'commune' AND p.ended_on IS NULL
)
SELECT kind, value, registry, id, false AS retired
FROM twice
ORDER BY kind, value, registry, id
LIMIT 10000
