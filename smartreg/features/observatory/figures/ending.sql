-- Conventions in force that end within twelve months of the reference day, and the exchanges that rest on them.
WITH resting AS (
  SELECT convention_key, count(*) AS exchanges
  FROM coverage
  WHERE state = 'covered' AND convention_key IS NOT NULL
  GROUP BY convention_key
)
SELECT c.ends_on, r.name AS registry_name, c.key, c.title, c.parties, coalesce(u.exchanges, 0) AS exchanges
FROM conventions AS c
JOIN sources AS r ON r.registry = c.registry
LEFT JOIN resting AS u ON u.convention_key = c.key
WHERE c.in_force AND c.ends_on <= r.reference_date + INTERVAL '12' MONTH
ORDER BY c.ends_on, registry_name NULLS LAST, c.key
