// SPDX-License-Identifier: Apache-2.0
// DUAL and the dictionary views, over SQLite's own schema.
#include "access_policies.h"
#include "database.h"

namespace majed::oci_double {
namespace {

/// Every table of the file belongs to the user who looks; ours are nobody's.
constexpr const char* catalog =
    "CREATE TEMP VIEW DUAL(DUMMY) AS SELECT 'X';"
    "CREATE TEMP VIEW ALL_USERS(USERNAME, ORACLE_MAINTAINED) AS "
    " SELECT majed_user(), 'N' UNION ALL SELECT 'SYS', 'Y' UNION ALL SELECT 'SYSTEM', 'Y' "
    " UNION SELECT schema, 'N' FROM majed_vpd_context;"
    "CREATE TEMP VIEW ALL_TABLES(OWNER, TABLE_NAME, TEMPORARY, NUM_ROWS, STATUS, IOT_TYPE, SECONDARY, "
    " NESTED, DROPPED) AS "
    " SELECT majed_user(), name, 'N', NULL, 'VALID', NULL, 'N', 'NO', 'NO' FROM main.sqlite_schema "
    " WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'majed_%' UNION ALL "
    " SELECT majed_user(), name, 'Y', NULL, 'VALID', NULL, 'N', 'NO', 'NO' FROM temp.sqlite_schema WHERE "
    "type = 'table';"
    "CREATE TEMP VIEW ALL_VIEWS(OWNER, VIEW_NAME, TEXT_LENGTH, TEXT, TEXT_VC) AS "
    " SELECT majed_user(), name, length(sql), substr(sql, instr(sql, ' AS ') + 4), "
    " substr(sql, instr(sql, ' AS ') + 4) FROM main.sqlite_schema WHERE type = 'view';"
    "CREATE TEMP VIEW ALL_OBJECTS(OWNER, OBJECT_NAME, OBJECT_TYPE, STATUS, LAST_DDL_TIME, ORACLE_MAINTAINED) "
    "AS "
    " SELECT majed_user(), name, upper(type), 'VALID', "
    " (SELECT strftime('%Y-%m-%dT%H:%M:%S', 946684800 + schema_version, 'unixepoch') FROM "
    "pragma_schema_version), 'N' FROM main.sqlite_schema "
    " WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'majed_%';"
    "CREATE TEMP VIEW ALL_TAB_COLS(OWNER, TABLE_NAME, COLUMN_NAME, DATA_TYPE, DATA_LENGTH, CHAR_LENGTH, "
    " CHAR_USED, DATA_PRECISION, DATA_SCALE, NULLABLE, COLUMN_ID, HIDDEN_COLUMN, VIRTUAL_COLUMN, "
    "USER_GENERATED, DATA_DEFAULT, DATA_TYPE_OWNER, DATA_TYPE_MOD) AS "
    " SELECT majed_user(), s.name, c.name, majed_type_part(c.type, 'NAME'), majed_type_part(c.type, "
    "'LENGTH'), "
    " majed_type_part(c.type, 'CHARACTERS'), majed_type_part(c.type, 'USED'), majed_type_part(c.type, "
    "'PRECISION'), "
    " majed_type_part(c.type, 'SCALE'), CASE WHEN c.\"notnull\" OR c.pk THEN 'N' ELSE 'Y' END, c.cid + 1, "
    " CASE c.hidden WHEN 1 THEN 'YES' ELSE 'NO' END, CASE WHEN c.hidden > 1 THEN 'YES' ELSE 'NO' END, 'YES', "
    " c.dflt_value, NULL, NULL "
    " FROM main.sqlite_schema s, pragma_table_xinfo(s.name, 'main') c "
    " WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite_%' AND s.name NOT LIKE 'majed_%';"
    "CREATE TEMP VIEW ALL_TAB_COLUMNS AS SELECT * FROM ALL_TAB_COLS WHERE HIDDEN_COLUMN = 'NO';"
    "CREATE TEMP VIEW ALL_INDEXES(OWNER, INDEX_NAME, TABLE_OWNER, TABLE_NAME, INDEX_TYPE, UNIQUENESS, "
    "STATUS, "
    " VISIBILITY) AS SELECT majed_user(), i.name, majed_user(), s.name, 'NORMAL', "
    " CASE i.\"unique\" WHEN 1 THEN 'UNIQUE' ELSE 'NONUNIQUE' END, 'VALID', 'VISIBLE' "
    " FROM main.sqlite_schema s, pragma_index_list(s.name) i WHERE s.type = 'table' AND s.name NOT LIKE "
    "'majed_%';"
    "CREATE TEMP VIEW ALL_IND_COLUMNS(INDEX_OWNER, INDEX_NAME, TABLE_OWNER, TABLE_NAME, COLUMN_NAME, "
    " COLUMN_POSITION, DESCEND) AS SELECT majed_user(), i.name, majed_user(), s.name, c.name, c.seqno + 1, "
    " CASE c.desc WHEN 1 THEN 'DESC' ELSE 'ASC' END "
    " FROM main.sqlite_schema s, pragma_index_list(s.name) i, pragma_index_xinfo(i.name) c "
    " WHERE s.type = 'table' AND c.key = 1 AND s.name NOT LIKE 'majed_%';"
    // SQLite does not tell its CHECKs.
    "CREATE TEMP VIEW ALL_CONSTRAINTS(OWNER, CONSTRAINT_NAME, CONSTRAINT_TYPE, TABLE_NAME, R_OWNER, "
    " R_CONSTRAINT_NAME, STATUS, INDEX_NAME, DELETE_RULE, \"DEFERRABLE\", DEFERRED, VALIDATED, GENERATED, "
    "SEARCH_CONDITION) AS "
    " SELECT majed_user(), 'PK_' || s.name, 'P', s.name, NULL, NULL, 'ENABLED', "
    " (SELECT i.name FROM pragma_index_list(s.name) i WHERE i.origin = 'pk'), "
    " NULL, 'NOT DEFERRABLE', 'IMMEDIATE', 'VALIDATED', 'GENERATED NAME', NULL FROM main.sqlite_schema s "
    " WHERE s.type = 'table' AND s.name NOT LIKE 'majed_%' "
    " AND EXISTS (SELECT 1 FROM pragma_table_info(s.name) WHERE pk > 0) UNION ALL "
    " SELECT majed_user(), i.name, 'U', s.name, NULL, NULL, 'ENABLED', i.name, "
    " NULL, 'NOT DEFERRABLE', 'IMMEDIATE', 'VALIDATED', 'GENERATED NAME', NULL "
    " FROM main.sqlite_schema s, pragma_index_list(s.name) i WHERE s.type = 'table' AND i.origin = 'u' "
    " AND s.name NOT LIKE 'majed_%' UNION ALL "
    " SELECT majed_user(), 'FK_' || s.name || '_' || f.id, 'R', s.name, majed_user(), 'PK_' || f.\"table\", "
    " 'ENABLED', NULL, f.on_delete, 'NOT DEFERRABLE', 'IMMEDIATE', 'VALIDATED', 'GENERATED NAME', NULL "
    " FROM main.sqlite_schema s, pragma_foreign_key_list(s.name) f WHERE s.type = 'table' AND f.seq = 0;"
    "CREATE TEMP VIEW ALL_CONS_COLUMNS(OWNER, CONSTRAINT_NAME, TABLE_NAME, COLUMN_NAME, POSITION) AS "
    " SELECT majed_user(), 'PK_' || s.name, s.name, c.name, c.pk FROM main.sqlite_schema s, "
    " pragma_table_info(s.name) c WHERE s.type = 'table' AND c.pk > 0 AND s.name NOT LIKE 'majed_%' UNION "
    "ALL "
    " SELECT majed_user(), i.name, s.name, c.name, c.seqno + 1 FROM main.sqlite_schema s, "
    " pragma_index_list(s.name) i, pragma_index_info(i.name) c WHERE s.type = 'table' AND i.origin = 'u' "
    " AND s.name NOT LIKE 'majed_%' UNION ALL "
    " SELECT majed_user(), 'FK_' || s.name || '_' || f.id, s.name, f.\"from\", f.seq + 1 "
    " FROM main.sqlite_schema s, pragma_foreign_key_list(s.name) f WHERE s.type = 'table';";

/// What the login may do: nothing but what it must.
constexpr const char* login_catalog =
    "CREATE TEMP VIEW DBA_CONSTRAINTS AS SELECT * FROM ALL_CONSTRAINTS;"
    "CREATE TEMP VIEW DBA_TRIGGERS(OWNER, TRIGGER_NAME, TABLE_OWNER, TABLE_NAME, BASE_OBJECT_TYPE, STATUS) "
    "AS "
    " SELECT majed_user(), name, majed_user(), tbl_name, 'TABLE', 'ENABLED' FROM main.sqlite_schema "
    " WHERE type = 'trigger';"
    "CREATE TEMP VIEW SESSION_PRIVS(PRIVILEGE) AS SELECT 'CREATE SESSION' UNION ALL SELECT privilege FROM "
    "majed_vpd_privileges;"
    "CREATE TEMP VIEW SESSION_ROLES(ROLE) AS SELECT '' WHERE 0;"
    "CREATE TEMP VIEW ALL_TAB_PRIVS(GRANTOR, GRANTEE, TABLE_SCHEMA, TABLE_NAME, PRIVILEGE) AS "
    " SELECT majed_user(), majed_user(), majed_user(), name, 'INSERT' FROM main.sqlite_schema "
    " WHERE type = 'table' AND name LIKE 'WRITABLE%' "
    " UNION ALL SELECT grantor, grantee, grantor, name, 'EXECUTE' FROM majed_vpd_grants;"
    "CREATE TEMP VIEW ALL_SYNONYMS(OWNER, SYNONYM_NAME, TABLE_OWNER, TABLE_NAME, DB_LINK) AS "
    " SELECT 'PUBLIC', 'DUAL', 'SYS', 'DUAL', NULL "
    " UNION ALL SELECT owner, name, majed_user(), target, NULL FROM majed_synonyms;";

/// What is the user's own, and what this database never has: those are empty.
constexpr const char* own_catalog =
    "CREATE TEMP VIEW USER_TABLES AS SELECT * FROM ALL_TABLES;"
    "CREATE TEMP VIEW USER_VIEWS AS SELECT * FROM ALL_VIEWS;"
    "CREATE TEMP VIEW USER_TAB_COLS AS SELECT * FROM ALL_TAB_COLS;"
    "CREATE TEMP VIEW USER_TAB_COLUMNS AS SELECT * FROM ALL_TAB_COLUMNS;"
    "CREATE TEMP VIEW USER_CONSTRAINTS AS SELECT * FROM ALL_CONSTRAINTS;"
    "CREATE TEMP VIEW USER_CONS_COLUMNS AS SELECT * FROM ALL_CONS_COLUMNS;"
    "CREATE TEMP VIEW USER_INDEXES AS SELECT * FROM ALL_INDEXES;"
    "CREATE TEMP VIEW USER_IND_COLUMNS AS SELECT * FROM ALL_IND_COLUMNS;"
    "CREATE TEMP VIEW USER_OBJECTS AS SELECT * FROM ALL_OBJECTS;"
    "CREATE TEMP VIEW USER_TAB_IDENTITY_COLS(TABLE_NAME, COLUMN_NAME, GENERATION_TYPE, IDENTITY_OPTIONS) AS "
    " SELECT s.name, c.name, 'ALWAYS', 'START WITH: 1, INCREMENT BY: 1' FROM main.sqlite_schema s, "
    " pragma_table_info(s.name) c WHERE s.type = 'table' AND c.type = 'INTEGER' AND c.pk = 1 "
    " AND s.name NOT LIKE 'majed_%';"
    "CREATE TEMP VIEW USER_SEQUENCES(SEQUENCE_NAME, MIN_VALUE, MAX_VALUE, INCREMENT_BY, CYCLE_FLAG, "
    "ORDER_FLAG, "
    " CACHE_SIZE, LAST_NUMBER) AS SELECT name, '1', '9999999999999999999999999999', '1', 'N', 'N', '20', "
    "last "
    " FROM majed_sequences;"
    "CREATE TEMP VIEW USER_IND_EXPRESSIONS(INDEX_NAME, COLUMN_POSITION, COLUMN_EXPRESSION) AS "
    " SELECT '', 0, '' WHERE 0;"
    "CREATE TEMP VIEW USER_MVIEWS(MVIEW_NAME, QUERY) AS SELECT '', '' WHERE 0;"
    "CREATE TEMP VIEW USER_SOURCE(TYPE, NAME, LINE, TEXT) AS SELECT '', '', 0, '' WHERE 0;"
    "CREATE TEMP VIEW USER_TRIGGERS(TRIGGER_NAME, STATUS) AS SELECT '', '' WHERE 0;"
    "CREATE TEMP VIEW USER_SYNONYMS(SYNONYM_NAME, TABLE_OWNER, TABLE_NAME, DB_LINK) AS "
    " SELECT '', '', '', '' WHERE 0;"
    "CREATE TEMP VIEW USER_TAB_PRIVS_MADE(TABLE_NAME, GRANTEE, PRIVILEGE, GRANTABLE) AS "
    " SELECT '', '', '', '' WHERE 0;"
    "CREATE TEMP VIEW USER_COL_PRIVS_MADE(TABLE_NAME, COLUMN_NAME, GRANTEE, PRIVILEGE, GRANTABLE) AS "
    " SELECT '', '', '', '', '' WHERE 0;"
    "CREATE TEMP VIEW PRODUCT_COMPONENT_VERSION(PRODUCT, VERSION, VERSION_FULL, STATUS) AS "
    " SELECT 'Oracle Database 19c (test double)', '19.0.0.0.0', '19.3.0.0.0', 'Production';";

}  // namespace

Failure add_catalog(Database& database) {
    if (Failure failure = add_policy_catalog(database)) {
        return failure;
    }
    int result = database.run(
        "CREATE TABLE IF NOT EXISTS majed_sequences(name TEXT PRIMARY KEY, last INTEGER);"
        "CREATE TABLE IF NOT EXISTS majed_synonyms(owner TEXT, name TEXT, target TEXT);");
    if (result == SQLITE_OK) {
        result = database.run(catalog);
    }
    if (result == SQLITE_OK) {
        result = database.run(own_catalog);
    }
    if (result == SQLITE_OK) {
        result = database.run(login_catalog);
    }
    return result == SQLITE_OK ? Failure{} : Failure{database.error(result)};
}

}  // namespace majed::oci_double
