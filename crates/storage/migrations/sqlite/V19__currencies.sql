-- Which currencies shoppers may choose is the store's list. Unless it has one, it is that of the
-- currencies in which prices have been stated, which settings remember from here on.

UPDATE stores SET settings = json_set(settings, '$.priced_in', json((
    SELECT json_group_array(code) FROM (
        SELECT DISTINCT listed.key AS code FROM variants v, json_each(v.prices) listed
        WHERE v.store_id = stores.store_id AND listed.key <> stores.currency ORDER BY code)
)))
WHERE EXISTS (
    SELECT 1 FROM variants v, json_each(v.prices) listed
    WHERE v.store_id = stores.store_id AND listed.key <> stores.currency
);
