-- Shared networks: whose devices in place use the network of another party.
WITH used AS (
  SELECT network_key, owner_key, count(*) AS devices
  FROM equipment
  WHERE in_place
    AND network_key IS NOT NULL AND owner_key IS NOT NULL
  GROUP BY network_key, owner_key
),
served AS (
  SELECT n.technology, coalesce(o.siren, n.operator_key) AS operator, coalesce(p.siren, u.owner_key) AS user_party,
    sum(u.devices) AS devices
  FROM used AS u
  JOIN networks AS n ON n.key = u.network_key
  LEFT JOIN parties AS o ON o.key = n.operator_key
  LEFT JOIN parties AS p ON p.key = u.owner_key
  WHERE n.operator_key IS NOT NULL
  GROUP BY n.technology, coalesce(o.siren, n.operator_key), coalesce(p.siren, u.owner_key)
),
names AS (
  SELECT coalesce(siren, key) AS party, min(name) AS name
  FROM parties
  GROUP BY coalesce(siren, key)
)
SELECT s.technology, s.operator, o.name AS operator_name, s.user_party, p.name AS user_name,
  CAST(s.devices AS BIGINT) AS devices
FROM served AS s
LEFT JOIN names AS o ON o.party = s.operator
LEFT JOIN names AS p ON p.party = s.user_party
WHERE s.operator <> s.user_party
ORDER BY s.technology NULLS LAST, s.operator, s.user_party
