-- Where the devices that are not retired are, in squares of `size` degrees: at most about sixty from west to east, or from
-- south to north. The few far from all others are outside.
WITH placed AS (
    SELECT lon, lat
    FROM equipment
    WHERE NOT retired
), bounds AS (
    SELECT
        quantile_disc(lon, 0.005) AS west, quantile_disc(lon, 0.995) AS east,
        quantile_disc(lat, 0.005) AS south, quantile_disc(lat, 0.995) AS north
    FROM placed
), grid AS (
    SELECT *, greatest(0.01, ceil(greatest(east - west, north - south) / 60 * 100) / 100) AS size
    FROM bounds
), sorted AS (
    SELECT
        size, floor(lon / size) AS x, floor(lat / size) AS y,
        CASE
            WHEN lon IS NULL OR lat IS NULL THEN 'nowhere'
            WHEN lon BETWEEN west - size AND east + size AND lat BETWEEN south - size AND north + size THEN 'inside'
            ELSE 'outside'
        END AS place
    FROM placed CROSS JOIN grid
)
SELECT
    size, place, CASE WHEN place = 'inside' THEN x END AS x, CASE WHEN place = 'inside' THEN y END AS y,
    count(*) AS devices
FROM sorted
GROUP BY ALL
ORDER BY ALL
