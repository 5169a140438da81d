-- Devices by type: in place, faulty, older than ten years on the reference day, and how long those lasted that ended.
WITH ages AS (
  SELECT registry, type, status,
    CAST(extract(YEAR FROM installed_on) * 12 + extract(MONTH FROM installed_on) AS INTEGER) AS installed,
    CAST(extract(YEAR FROM coalesce(decommissioned_on, removed_on)) * 12
      + extract(MONTH FROM coalesce(decommissioned_on, removed_on)) AS INTEGER) AS ended,
    count(*) AS devices
  FROM equipment
  WHERE status NOT IN ('planned', 'cancelled')
  GROUP BY registry, type, status,
    CAST(extract(YEAR FROM installed_on) * 12 + extract(MONTH FROM installed_on) AS INTEGER),
    CAST(extract(YEAR FROM coalesce(decommissioned_on, removed_on)) * 12
      + extract(MONTH FROM coalesce(decommissioned_on, removed_on)) AS INTEGER)
),
days AS (
  SELECT registry,
    CAST(extract(YEAR FROM reference_date) * 12 + extract(MONTH FROM reference_date) AS INTEGER) AS today
  FROM sources
)
SELECT a.type,
  CAST(sum(CASE WHEN a.status <> 'removed' THEN a.devices ELSE 0 END) AS BIGINT) AS in_place,
  CAST(sum(CASE WHEN a.status = 'faulty' THEN a.devices ELSE 0 END) AS BIGINT) AS faulty,
  CAST(sum(CASE WHEN a.status <> 'removed' AND d.today - a.installed > 120 THEN a.devices ELSE 0 END) AS BIGINT)
    AS over_ten_years,
  CAST(sum(CASE WHEN a.ended >= a.installed THEN a.devices ELSE 0 END) AS BIGINT) AS ended,
  CAST(sum(CASE WHEN a.ended >= a.installed THEN (a.ended - a.installed) * a.devices ELSE 0 END) AS DOUBLE)
    / nullif(sum(CASE WHEN a.ended >= a.installed THEN a.devices ELSE 0 END), 0) AS mean_months
FROM ages AS a
JOIN days AS d ON d.registry = a.registry
GROUP BY a.type
ORDER BY a.type NULLS LAST
