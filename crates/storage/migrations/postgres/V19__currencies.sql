-- Which currencies shoppers may choose is the store's list. Unless it has one, it is that of the
-- currencies in which prices have been stated, which settings remember from here on.

UPDATE stores s SET settings = jsonb_set(s.settings::jsonb, '{priced_in}', to_jsonb(priced.codes))::json
FROM (
    SELECT v.store_id, array_agg(DISTINCT listed.code ORDER BY listed.code) AS codes
    FROM variants v
    JOIN stores o ON o.store_id = v.store_id
    CROSS JOIN LATERAL json_object_keys(v.prices) AS listed(code)
    WHERE listed.code <> o.currency
    GROUP BY v.store_id
) priced
WHERE priced.store_id = s.store_id;
