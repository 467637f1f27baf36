-- majed:up
CREATE TABLE a (x INTEGER);
INSERT INTO a VALUES ('1
2');

-- majed:down
DROP TABLE a;
