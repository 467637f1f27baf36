// SPDX-License-Identifier: Apache-2.0
// OCIAttrGet and OCIAttrSet: each attribute in the width its caller expects, for a wrong width corrupts memory.
#include <cstring>

#include "exported.h"
#include "handles.h"
#include "pool.h"
#include "session.h"
#include "statement.h"

using namespace majed::oci_double;

namespace {

constexpr std::string_view server_name = "DOUBLE";

/// The caller's place for a value.
struct Place {
    void* value;
    std::uint32_t* size;

    template <class Value>
    bool put(Value given) const {
        std::memcpy(value, &given, sizeof given);
        if (size != nullptr) {
            *size = sizeof given;
        }
        return true;
    }
    bool put_text(std::string_view text) const {
        const char* data = text.data();
        std::memcpy(value, static_cast<const void*>(&data), sizeof data);
        if (size != nullptr) {
            *size = static_cast<std::uint32_t>(text.size());
        }
        return true;
    }
    bool put_handle(Handle* handle) const { return put(static_cast<void*>(handle)); }
};

template <class Value>
Value read_as(const void* from) {
    Value value{};
    if (from != nullptr) {
        std::memcpy(&value, from, sizeof value);
    }
    return value;
}

bool get(const Environment& environment, std::uint32_t number, const Place& place) {
    switch (number) {
        case attribute::charset_id:
            return place.put(environment.charset);
        case attribute::national_charset_id:
            return place.put(environment.national_charset);
        default:
            return false;
    }
}

bool get(const ErrorHandle& errors, std::uint32_t number, const Place& place) {
    switch (number) {
        case attribute::is_recoverable:
            return place.put(int{0});
        case attribute::dml_row_offset:
            return place.put(errors.row_offset);
        default:
            return false;
    }
}

bool get(const Service& service, std::uint32_t number, const Place& place) {
    switch (number) {
        case attribute::environment:
            return place.put_handle(service.environment);
        case attribute::server:
            return place.put_handle(service.server);
        case attribute::session:
            return place.put_handle(service.session);
        case attribute::statement_cache_size:
            return place.put(service.statement_cache_size);
        case attribute::call_timeout:
            return place.put(service.call_timeout);
        default:
            return false;
    }
}

bool set(Service& service, std::uint32_t number, void* value) {
    switch (number) {
        case attribute::server:
            service.server = handle_as<Server>(value);
            return true;
        case attribute::session:
            service.session = handle_as<Session>(value);
            return true;
        case attribute::transaction:
            return true;
        case attribute::statement_cache_size:
            service.statement_cache_size = read_as<std::uint32_t>(value);
            return true;
        case attribute::call_timeout:
            service.call_timeout = read_as<std::uint32_t>(value);
            return true;
        default:
            return false;
    }
}

bool get(const Server& server, std::uint32_t number, const Place& place) {
    const bool lost = server.session != nullptr && server.session->is_lost();
    switch (number) {
        case attribute::server_status:
            return place.put(lost ? server_status_lost : server_status_normal);
        case attribute::charset_id:
            return place.put(charset_utf8);
        case attribute::receive_timeout:
            return place.put(server.receive_timeout);
        case attribute::break_on_timeout:
            return place.put(server.break_on_timeout);
        case attribute::internal_name:
        case attribute::external_name:
            return place.put_text(server_name);
        default:
            return false;
    }
}

bool set(Server& server, std::uint32_t number, const void* value) {
    switch (number) {
        case attribute::receive_timeout:
            server.receive_timeout = read_as<std::uint32_t>(value);
            return true;
        case attribute::break_on_timeout:
            server.break_on_timeout = read_as<std::uint8_t>(value);
            return true;
        case attribute::internal_name:
        case attribute::external_name:
            return true;
        default:
            return false;
    }
}

bool is_text_of_session(std::uint32_t number) {
    switch (number) {
        case attribute::user_name:
        case attribute::password:
        case attribute::client_identifier:
        case attribute::module:
        case attribute::action:
        case attribute::client_info:
        case attribute::current_schema:
        case attribute::execution_context:
        case attribute::driver_name:
        case attribute::connection_class:
        case attribute::database_operation:
        case attribute::edition:
        case attribute::transaction_id:
            return true;
        default:
            return false;
    }
}

bool get(Session& session, std::uint32_t number, const Place& place) {
    if (number == attribute::transaction_in_progress) {
        return place.put(int{session.is_in_transaction() ? 1 : 0});
    }
    return is_text_of_session(number) && place.put_text(session.attribute(number));
}

bool set(Session& session, std::uint32_t number, const void* value, std::uint32_t size) {
    if (number == attribute::purity) {
        return true;
    }
    if (!is_text_of_session(number)) {
        return false;
    }
    session.attribute(number) =
        value == nullptr ? std::string{} : std::string{static_cast<const char*>(value), size};
    return true;
}

bool get(const Pool& pool, std::uint32_t number, const Place& place) {
    switch (number) {
        case attribute::pool_busy_count:
            return place.put(pool.busy_count());
        case attribute::pool_open_count:
            return place.put(pool.open_count());
        case attribute::pool_get_mode:
            return place.put(static_cast<std::uint8_t>(pool.wait));
        case attribute::pool_timeout:
            return place.put(pool.timeout);
        case attribute::pool_wait_timeout:
            return place.put(pool.wait_timeout_ms);
        case attribute::pool_maximum_lifetime:
            return place.put(pool.maximum_lifetime);
        case attribute::pool_maximum_per_shard:
            return place.put(pool.maximum_per_shard);
        case attribute::pool_statement_cache_size:
            return place.put(pool.statement_cache_size);
        case attribute::pool_credentials:
            return place.put_handle(pool.credentials_handle);
        default:
            return false;
    }
}

bool set(Pool& pool, std::uint32_t number, void* value) {
    switch (number) {
        case attribute::pool_get_mode:
            pool.wait = static_cast<PoolWait>(read_as<std::uint8_t>(value));
            return true;
        case attribute::pool_timeout:
            pool.timeout = read_as<std::uint32_t>(value);
            return true;
        case attribute::pool_wait_timeout:
            pool.wait_timeout_ms = read_as<std::uint32_t>(value);
            return true;
        case attribute::pool_maximum_lifetime:
            pool.maximum_lifetime = read_as<std::uint32_t>(value);
            return true;
        case attribute::pool_maximum_per_shard:
            pool.maximum_per_shard = read_as<std::uint32_t>(value);
            return true;
        case attribute::pool_statement_cache_size:
            pool.statement_cache_size = read_as<std::uint32_t>(value);
            return true;
        case attribute::pool_credentials:
            pool.credentials_handle = handle_as<Session>(value);
            return true;
        default:
            return false;
    }
}

bool get(const Statement& statement, std::uint32_t number, const Place& place) {
    switch (number) {
        case attribute::statement_kind:
            return place.put(static_cast<std::uint16_t>(statement.translation().kind));
        case attribute::is_returning:
            return place.put(int{statement.translation().returning > 0 ? 1 : 0});
        case attribute::parameter_count:
            return place.put(static_cast<std::uint32_t>(statement.columns().size()));
        case attribute::rows_fetched:
            return place.put(statement.fetched());
        case attribute::row_count_64:
            return place.put(statement.row_count());
        case attribute::row_count_32:
        case attribute::current_position:
            return place.put(static_cast<std::uint32_t>(statement.row_count()));
        case attribute::parse_error_offset:
            return place.put(static_cast<std::uint16_t>(statement.error_offset()));
        case attribute::bind_count:
            return place.put(static_cast<std::uint32_t>(statement.translation().binds.size()));
        case attribute::dml_error_count:
            return place.put(statement.dml_error_count());
        case attribute::prefetch_rows:
            return place.put(std::uint32_t{0});
        case attribute::statement_text:
            return place.put_text(statement.sql());
        case attribute::sql_id:
            return place.put_text(statement.sql_id());
        case attribute::dml_row_counts: {
            place.put(statement.dml_row_counts().data());
            *place.size = static_cast<std::uint32_t>(statement.dml_row_counts().size());
            return true;
        }
        case attribute::rowid: {
            auto* rowid = handle_as<RowidDescriptor>(place.value);
            if (rowid == nullptr || place.size == nullptr) {
                return false;
            }
            rowid->text = statement.last_rowid();
            *place.size = static_cast<std::uint32_t>(rowid->text.size());
            return true;
        }
        default:
            return false;
    }
}

bool get(const Column& column, std::uint32_t number, const Place& place) {
    const ColumnType& type = column.type;
    switch (number) {
        case attribute::name:
            return place.put_text(column.name);
        case attribute::data_type:
        case attribute::type_code:
            return place.put(static_cast<std::uint16_t>(type.type));
        case attribute::data_size:
            return place.put(static_cast<std::uint16_t>(type.bytes));
        case attribute::character_size:
            return place.put(static_cast<std::uint16_t>(type.characters));
        case attribute::precision:
            return place.put(static_cast<std::int16_t>(type.precision));
        case attribute::scale:
            return place.put(static_cast<std::int8_t>(type.scale));
        case attribute::is_null:
            return place.put(static_cast<std::uint8_t>(column.nullable ? 1 : 0));
        case attribute::charset_form:
            return place.put(type.form);
        case attribute::charset_id:
            return place.put(charset_utf8);
        case attribute::is_json:
            return place.put(std::uint8_t{0});
        case attribute::type_name:
        case attribute::schema_name:
            return place.put_text({});
        default:
            return false;
    }
}

bool get_any(void* handle, std::uint32_t number, const Place& place) {
    if (const auto* environment = handle_as<Environment>(handle)) {
        return get(*environment, number, place);
    }
    if (const auto* errors = handle_as<ErrorHandle>(handle)) {
        return get(*errors, number, place);
    }
    if (const auto* service = handle_as<Service>(handle)) {
        return get(*service, number, place);
    }
    if (const auto* server = handle_as<Server>(handle)) {
        return get(*server, number, place);
    }
    if (auto* session = handle_as<Session>(handle)) {
        return get(*session, number, place);
    }
    if (const auto* pool = handle_as<Pool>(handle)) {
        return get(*pool, number, place);
    }
    if (const auto* statement = handle_as<Statement>(handle)) {
        return get(*statement, number, place);
    }
    if (const auto* parameter = handle_as<Parameter>(handle)) {
        return get(parameter->column, number, place);
    }
    if (const auto* binding = handle_as<Binding>(handle);
        binding != nullptr && number == attribute::rows_returned) {
        return place.put(binding->rows_returned);
    }
    return false;
}

bool set_any(void* handle, std::uint32_t number, void* value, std::uint32_t size) {
    if (auto* service = handle_as<Service>(handle)) {
        return set(*service, number, value);
    }
    if (auto* server = handle_as<Server>(handle)) {
        return set(*server, number, value);
    }
    if (auto* session = handle_as<Session>(handle)) {
        return set(*session, number, value, size);
    }
    if (auto* pool = handle_as<Pool>(handle)) {
        return set(*pool, number, value);
    }
    // Prefetching, charset forms and sizes of binds and defines change nothing here.
    return handle_as<Statement>(handle) != nullptr || handle_as<Binding>(handle) != nullptr ||
           handle_as<Define>(handle) != nullptr || handle_as<Environment>(handle) != nullptr;
}

}  // namespace

MAJED_OCI int OCIAttrGet(const void* handle, std::uint32_t, void* value, std::uint32_t* size,
                         std::uint32_t number, void* error) {
    if (handle == nullptr) {
        return answer_invalid_handle;
    }
    return get_any(const_cast<void*>(handle), number, {.value = value, .size = size})
               ? answer_success
               : fail(error, oracle_error(24315, std::to_string(number)));
}

MAJED_OCI int OCIAttrSet(void* handle, std::uint32_t, void* value, std::uint32_t size, std::uint32_t number,
                         void* error) {
    if (handle == nullptr) {
        return answer_invalid_handle;
    }
    return set_any(handle, number, value, size) ? answer_success
                                                : fail(error, oracle_error(24315, std::to_string(number)));
}
