-- Devices in place by commune and type, and how many registries have them.
SELECT insee_code, type, count(*) AS devices,
  CAST(sum(CASE WHEN status = 'faulty' THEN 1 ELSE 0 END) AS BIGINT) AS faulty,
  count(DISTINCT registry) AS registries
FROM equipment
WHERE in_place
GROUP BY insee_code, type
ORDER BY insee_code NULLS LAST, type NULLS LAST
