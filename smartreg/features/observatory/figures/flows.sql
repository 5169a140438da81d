-- Flows of data that are not over, by theme: how many are open, and how many have personal data.
SELECT theme, count(*) AS flows,
  CAST(sum(CASE WHEN access = 'public' THEN 1 ELSE 0 END) AS BIGINT) AS open_flows,
  CAST(sum(CASE WHEN access = 'public' THEN 1 ELSE 0 END) AS DOUBLE) / count(*) AS open_share,
  CAST(sum(CASE WHEN personal_data THEN 1 ELSE 0 END) AS BIGINT) AS with_personal_data,
  count(DISTINCT registry) AS registries
FROM flows
WHERE status IN ('planned', 'active', 'suspended')
GROUP BY theme
ORDER BY theme NULLS LAST
