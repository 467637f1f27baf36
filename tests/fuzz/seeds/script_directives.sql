-- majed:foreign-keys off
-- majed:up
CREATE TABLE a (x TEXT DEFAULT '
-- majed:down
');
/* 
-- majed:down
*/
-- majed:down
DROP TABLE a;
 -- majed:down 
-- majed:sideways
SELECT 1 -- majed:up
