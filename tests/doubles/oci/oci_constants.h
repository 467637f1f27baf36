/// The numbers of the client library's C interface that ODPI-C and this double exchange.
///
/// Why      ODPI-C passes handles, attributes and types by number; named once here, read by name elsewhere.
/// Life     Constants.
/// Threads  Any.
/// Not here Any of the library's own headers: these are the numbers the open ODPI-C sends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace majed::oci_double {

/// What every call answers.
enum Answer : int {
    answer_success = 0,
    answer_success_with_warning = 1,
    answer_no_rows = 100,
    answer_error = -1,
    answer_invalid_handle = -2,
};

/// What a callback answers when it has more to take or give.
inline constexpr std::int32_t callback_continue = -24200;

enum class HandleKind : std::uint32_t {
    environment = 1,
    error = 2,
    service = 3,
    statement = 4,
    bind = 5,
    define = 6,
    describe = 7,
    server = 8,
    session = 9,
    transaction = 10,
    pool = 27,
    lob = 50,
    parameter = 53,
    rowid = 54,
    interval_year_month = 62,
    interval_day_second = 63,
    timestamp = 68,
    timestamp_zone = 69,
    timestamp_local_zone = 70,
};

/// One number can mean two things, by the kind of handle: the name says which.
namespace attribute {
inline constexpr std::uint32_t data_size = 1;
inline constexpr std::uint32_t data_type = 2;
inline constexpr std::uint32_t name = 4;
inline constexpr std::uint32_t precision = 5;
inline constexpr std::uint32_t environment = 5;
inline constexpr std::uint32_t scale = 6;
inline constexpr std::uint32_t server = 6;
inline constexpr std::uint32_t session = 7;
inline constexpr std::uint32_t is_null = 7;
inline constexpr std::uint32_t transaction = 8;
inline constexpr std::uint32_t type_name = 8;
inline constexpr std::uint32_t schema_name = 9;
inline constexpr std::uint32_t row_count_32 = 9;
inline constexpr std::uint32_t prefetch_rows = 11;
inline constexpr std::uint32_t parameter_count = 18;
inline constexpr std::uint32_t rowid = 19;
inline constexpr std::uint32_t user_name = 22;
inline constexpr std::uint32_t password = 23;
inline constexpr std::uint32_t statement_kind = 24;
inline constexpr std::uint32_t internal_name = 25;
inline constexpr std::uint32_t external_name = 26;
inline constexpr std::uint32_t charset_id = 31;
inline constexpr std::uint32_t charset_form = 32;
inline constexpr std::uint32_t maximum_data_size = 33;
inline constexpr std::uint32_t rows_returned = 42;
inline constexpr std::uint32_t dml_error_count = 73;
inline constexpr std::uint32_t dml_row_offset = 74;
inline constexpr std::uint32_t parse_error_offset = 129;
inline constexpr std::uint32_t server_status = 143;
inline constexpr std::uint32_t statement_text = 144;
inline constexpr std::uint32_t current_position = 164;
inline constexpr std::uint32_t statement_cache_size = 176;
inline constexpr std::uint32_t bind_count = 190;
inline constexpr std::uint32_t rows_fetched = 197;
inline constexpr std::uint32_t pool_statement_cache_size = 208;
inline constexpr std::uint32_t type_code = 216;
inline constexpr std::uint32_t is_returning = 218;
inline constexpr std::uint32_t current_schema = 224;
inline constexpr std::uint32_t national_charset_id = 262;
inline constexpr std::uint32_t client_identifier = 278;
inline constexpr std::uint32_t character_size = 286;
inline constexpr std::uint32_t edition = 288;
inline constexpr std::uint32_t pool_timeout = 308;
inline constexpr std::uint32_t pool_get_mode = 309;
inline constexpr std::uint32_t pool_busy_count = 310;
inline constexpr std::uint32_t pool_open_count = 311;
inline constexpr std::uint32_t module = 366;
inline constexpr std::uint32_t action = 367;
inline constexpr std::uint32_t client_info = 368;
inline constexpr std::uint32_t execution_context = 371;
inline constexpr std::uint32_t driver_name = 424;
inline constexpr std::uint32_t connection_class = 425;
inline constexpr std::uint32_t purity = 426;
inline constexpr std::uint32_t receive_timeout = 436;
inline constexpr std::uint32_t lob_prefetch_length = 440;
inline constexpr std::uint32_t row_count_64 = 457;
inline constexpr std::uint32_t pool_credentials = 460;
inline constexpr std::uint32_t transaction_id = 462;
inline constexpr std::uint32_t dml_row_counts = 469;
inline constexpr std::uint32_t is_recoverable = 472;
inline constexpr std::uint32_t transaction_in_progress = 484;
inline constexpr std::uint32_t database_operation = 485;
inline constexpr std::uint32_t pool_maximum_lifetime = 490;
inline constexpr std::uint32_t break_on_timeout = 495;
inline constexpr std::uint32_t sql_id = 504;
inline constexpr std::uint32_t pool_wait_timeout = 506;
inline constexpr std::uint32_t call_timeout = 531;
inline constexpr std::uint32_t is_json = 534;
inline constexpr std::uint32_t pool_maximum_per_shard = 602;
}  // namespace attribute

/// Types, both of columns (external codes a describe gives) and of the buffers ODPI-C binds and defines.
enum class DataType : std::uint16_t {
    none = 0,
    varchar = 1,
    number = 2,
    integer = 3,
    variable_number = 6,
    date = 12,
    native_float = 21,
    native_double = 22,
    raw = 23,
    unsigned_integer = 68,
    character = 96,
    binary_float = 100,
    binary_double = 101,
    rowid = 104,
    clob = 112,
    blob = 113,
    client_date = 156,
    timestamp = 187,
    timestamp_zone = 188,
    interval_year_month = 189,
    interval_day_second = 190,
    timestamp_local_zone = 232,
    boolean = 252,
};

inline constexpr std::uint8_t charset_form_implicit = 1;
inline constexpr std::uint8_t charset_form_national = 2;
inline constexpr std::uint16_t charset_utf8 = 873;

/// Kinds of statement, as the attribute statement_kind tells them.
enum class StatementKind : std::uint16_t {
    unknown = 0,
    select = 1,
    update = 2,
    delete_rows = 3,
    insert = 4,
    create = 5,
    drop = 6,
    alter = 7,
    begin = 8,
    declare = 9,
    call = 10,
    explain_plan = 15,
    merge = 16,
    rollback = 17,
    commit = 21,
};

namespace execute_mode {
inline constexpr std::uint32_t describe_only = 0x10;
inline constexpr std::uint32_t commit_on_success = 0x20;
inline constexpr std::uint32_t batch_errors = 0x80;
inline constexpr std::uint32_t parse_only = 0x100;
}  // namespace execute_mode

namespace session_mode {
inline constexpr std::uint32_t from_pool = 0x1;
inline constexpr std::uint32_t drop_on_release = 0x1;
inline constexpr std::uint32_t homogeneous = 0x2;
}  // namespace session_mode

/// How long a pool that has none left lets a caller wait.
enum class PoolWait : std::uint8_t { forever = 0, not_at_all = 1, force = 2, limited = 3 };

inline constexpr std::int16_t indicator_null = -1;
inline constexpr std::int16_t indicator_value = 0;
inline constexpr std::uint32_t server_status_normal = 1;
inline constexpr std::uint32_t server_status_lost = 0;
inline constexpr std::uint16_t return_code_truncated = 1406;
inline constexpr std::uint8_t one_piece = 0;
inline constexpr std::uint8_t temporary_blob = 1;
inline constexpr int scale_floating = -127;

}  // namespace majed::oci_double
