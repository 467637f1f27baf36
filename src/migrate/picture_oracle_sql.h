/// The questions a picture of Oracle asks the USER_ views: one of each kind, whatever the number of objects.
///
/// Why      Long constant texts; picture_oracle.cpp puts the answers together.
/// Life     Constants.
/// Threads  Any.
/// Not here Asking them.
///
/// Defaults of columns, conditions of checks, texts of views and expressions of indexes are LONG in the dictionary,
/// which the driver does not read; their copies of another type are cut at 4000 bytes, or came with 23ai. DBMS_XMLGEN
/// reads LONG in every version, so they come through XML.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace majed::migrate::oracle_text {

/// What the engine keeps in the recycle bin, in logs and storage of materialized views.
#define MAJED_NAMED(column) \
    " " column " NOT LIKE 'BIN$%' AND " column " NOT LIKE 'MLOG$%' AND " column " NOT LIKE 'RUPD$%'"
/// A query of dictionary columns that are LONG; the columns it answers are all taken as text.
#define MAJED_LONG(query, columns) \
    "XMLTABLE('/ROWSET/ROW' PASSING DBMS_XMLGEN.GETXMLTYPE('" query "') COLUMNS " columns ") x"

inline constexpr std::string_view tables_sql =
    "SELECT t.table_name, t.temporary FROM user_tables t"
    " WHERE t.nested = 'NO' AND t.dropped = 'NO' AND t.secondary = 'N' AND" MAJED_NAMED("t.table_name");

inline constexpr std::string_view columns_sql =
    "SELECT c.table_name, c.column_name, c.data_type, c.data_length, c.char_length, c.char_used, "
    "c.data_precision,"
    " c.data_scale, c.nullable, c.hidden_column, c.virtual_column FROM user_tab_cols c"
    " WHERE c.user_generated = 'YES' AND" MAJED_NAMED("c.table_name") " ORDER BY c.table_name, c.column_id";

inline constexpr std::string_view defaults_sql =
    "SELECT x.table_name, x.column_name, x.data_default FROM " MAJED_LONG(
        "SELECT table_name, column_name, data_default FROM user_tab_cols WHERE data_default IS NOT NULL",
        "table_name VARCHAR2(128) PATH 'TABLE_NAME', column_name VARCHAR2(128) PATH 'COLUMN_NAME',"
        " data_default CLOB PATH 'DATA_DEFAULT'");

inline constexpr std::string_view identities_sql =
    "SELECT i.table_name, i.column_name, i.generation_type, i.identity_options FROM user_tab_identity_cols i";

inline constexpr std::string_view constraints_sql =
    "SELECT c.constraint_name, c.constraint_type, c.table_name, c.r_owner, c.r_constraint_name, "
    "c.delete_rule,"
    " c.status, c.deferrable, c.deferred, c.validated, c.generated FROM user_constraints c"
    " WHERE c.constraint_type IN ('P', 'U', 'R', 'C', 'V', 'O') AND" MAJED_NAMED("c.table_name");
inline constexpr std::string_view constraint_columns_sql =
    "SELECT c.constraint_name, c.column_name FROM user_cons_columns c ORDER BY c.constraint_name, "
    "c.position, "
    "c.column_name";
inline constexpr std::string_view referred_columns_sql =
    "SELECT c.owner, c.constraint_name, c.table_name, c.column_name FROM all_cons_columns c"
    " WHERE (c.owner, c.constraint_name) IN (SELECT r.r_owner, r.r_constraint_name FROM user_constraints r"
    " WHERE r.constraint_type = 'R') ORDER BY c.owner, c.constraint_name, c.position";
inline constexpr std::string_view conditions_sql =
    "SELECT x.constraint_name, x.search_condition FROM " MAJED_LONG(
        "SELECT constraint_name, search_condition FROM user_constraints WHERE constraint_type = ''C''",
        "constraint_name VARCHAR2(128) PATH 'CONSTRAINT_NAME', search_condition CLOB PATH "
        "'SEARCH_CONDITION'");

/// Those of constraints belong to them.
inline constexpr std::string_view indexes_sql =
    "SELECT i.index_name, i.table_name, i.index_type, i.uniqueness, i.status, i.visibility FROM user_indexes "
    "i"
    " WHERE i.index_type <> 'LOB' AND NOT EXISTS (SELECT 1 FROM user_constraints c WHERE c.index_name = "
    "i.index_name)"
    " AND" MAJED_NAMED("i.table_name");
inline constexpr std::string_view index_columns_sql =
    "SELECT c.index_name, c.column_position, c.column_name, c.descend FROM user_ind_columns c"
    " ORDER BY c.index_name, c.column_position";
inline constexpr std::string_view index_expressions_sql =
    "SELECT x.index_name, x.column_position, x.column_expression FROM " MAJED_LONG(
        "SELECT index_name, column_position, column_expression FROM user_ind_expressions",
        "index_name VARCHAR2(128) PATH 'INDEX_NAME', column_position NUMBER(9) PATH 'COLUMN_POSITION',"
        " column_expression CLOB PATH 'COLUMN_EXPRESSION'");

inline constexpr std::string_view views_sql = "SELECT x.view_name, x.text FROM " MAJED_LONG(
    "SELECT view_name, text FROM user_views",
    "view_name VARCHAR2(128) PATH 'VIEW_NAME', text CLOB PATH 'TEXT'");
inline constexpr std::string_view materialized_views_sql = "SELECT x.mview_name, x.query FROM " MAJED_LONG(
    "SELECT mview_name, query FROM user_mviews",
    "mview_name VARCHAR2(128) PATH 'MVIEW_NAME', query CLOB PATH 'QUERY'");

inline constexpr std::string_view sources_sql =
    "SELECT s.type, s.name, s.text FROM user_source s WHERE" MAJED_NAMED(
        "s.name") " ORDER BY s.type, s.name, s.line";
inline constexpr std::string_view triggers_sql =
    "SELECT t.trigger_name, t.status FROM user_triggers t WHERE" MAJED_NAMED("t.trigger_name");

inline constexpr std::string_view sequences_sql =
    "SELECT s.sequence_name, s.min_value, s.max_value, s.increment_by, s.cycle_flag, s.order_flag, "
    "s.cache_size"
    " FROM user_sequences s WHERE s.sequence_name NOT LIKE 'ISEQ$$_%'";
inline constexpr std::string_view synonyms_sql =
    "SELECT s.synonym_name, s.table_owner, s.table_name, s.db_link FROM user_synonyms s";
inline constexpr std::string_view grants_sql =
    "SELECT p.table_name, p.grantee, p.privilege, p.grantable FROM user_tab_privs_made p"
    " ORDER BY p.table_name, p.grantee, p.privilege";
inline constexpr std::string_view column_grants_sql =
    "SELECT p.table_name, p.column_name, p.grantee, p.privilege, p.grantable FROM user_col_privs_made p"
    " ORDER BY p.table_name, p.column_name, p.grantee, p.privilege";

#undef MAJED_NAMED
#undef MAJED_LONG

}  // namespace majed::migrate::oracle_text
