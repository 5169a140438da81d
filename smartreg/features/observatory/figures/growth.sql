-- Devices installed and removed by year, and how many more there are at its end than before the first.
WITH changes AS (
  SELECT CAST(extract(YEAR FROM installed_on) AS INTEGER) AS in_year, count(*) AS installed, 0 AS removed
  FROM equipment
  WHERE installed_on IS NOT NULL AND status NOT IN ('planned', 'cancelled')
  GROUP BY CAST(extract(YEAR FROM installed_on) AS INTEGER)
  UNION ALL
  SELECT CAST(extract(YEAR FROM removed_on) AS INTEGER) AS in_year, 0 AS installed, count(*) AS removed
  FROM equipment
  WHERE removed_on IS NOT NULL AND installed_on IS NOT NULL AND status NOT IN ('planned', 'cancelled')
  GROUP BY CAST(extract(YEAR FROM removed_on) AS INTEGER)
),
years AS (
  SELECT in_year, CAST(sum(installed) AS BIGINT) AS installed, CAST(sum(removed) AS BIGINT) AS removed
  FROM changes
  GROUP BY in_year
)
SELECT in_year, installed, removed, CAST(sum(installed - removed) OVER (ORDER BY in_year) AS BIGINT) AS in_place
FROM years
ORDER BY in_year
