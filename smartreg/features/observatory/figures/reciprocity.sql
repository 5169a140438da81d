-- Devices in place on a support of another party, by host (owner of the support) and guest (owner of the device).
WITH pairs AS (
  SELECT s.owner_key AS host_key, e.owner_key AS guest_key, count(*) AS devices
  FROM equipment AS e
  JOIN supports AS s ON s.key = e.support_key
  WHERE e.in_place
    AND s.owner_key IS NOT NULL AND e.owner_key IS NOT NULL
  GROUP BY s.owner_key, e.owner_key
),
matrix AS (
  SELECT coalesce(h.siren, p.host_key) AS host, coalesce(g.siren, p.guest_key) AS guest, sum(p.devices) AS devices
  FROM pairs AS p
  LEFT JOIN parties AS h ON h.key = p.host_key
  LEFT JOIN parties AS g ON g.key = p.guest_key
  GROUP BY coalesce(h.siren, p.host_key), coalesce(g.siren, p.guest_key)
),
names AS (
  SELECT coalesce(siren, key) AS party, min(name) AS name
  FROM parties
  GROUP BY coalesce(siren, key)
)
SELECT m.host, h.name AS host_name, m.guest, g.name AS guest_name, CAST(m.devices AS BIGINT) AS devices
FROM matrix AS m
LEFT JOIN names AS h ON h.party = m.host
LEFT JOIN names AS g ON g.party = m.guest
WHERE m.host <> m.guest
ORDER BY m.host, m.guest
