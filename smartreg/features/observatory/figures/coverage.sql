-- Exchanges between parties on the reference day of each registry, and whether a convention in force covers them.
WITH states AS (
  SELECT registry, family, count(*) AS exchanges,
    sum(CASE WHEN state = 'covered' THEN 1 ELSE 0 END) AS covered,
    sum(CASE WHEN state = 'uncovered' THEN 1 ELSE 0 END) AS uncovered,
    sum(CASE WHEN state = 'not_needed' THEN 1 ELSE 0 END) AS not_needed
  FROM coverage
  GROUP BY registry, family
)
SELECT r.name AS registry_name, s.registry, s.family, r.reference_date, CAST(s.exchanges AS BIGINT) AS exchanges,
  CAST(s.covered AS BIGINT) AS covered, CAST(s.uncovered AS BIGINT) AS uncovered,
  CAST(s.not_needed AS BIGINT) AS not_needed
FROM states AS s
JOIN sources AS r ON r.registry = s.registry
ORDER BY registry_name NULLS LAST, s.registry, s.family NULLS LAST
