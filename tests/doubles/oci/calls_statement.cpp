// SPDX-License-Identifier: Apache-2.0
// Preparing, binding, defining, executing, fetching, describing.
#include <algorithm>

#include "exported.h"
#include "handles.h"
#include "session.h"
#include "statement.h"

using namespace majed::oci_double;

namespace {

int keep_binding(Binding* binding, const ValueArray& array, void** out, void* error) {
    if (binding == nullptr) {
        return fail(error, oracle_error(1036));
    }
    binding->array = array;
    binding->in = nullptr;
    binding->out = nullptr;
    *out = static_cast<Handle*>(binding);
    return answer_success;
}

}  // namespace

MAJED_OCI int OCIStmtPrepare2(void* service_pointer, void** statement, void* error, const char* sql,
                              std::uint32_t length, const char*, std::uint32_t, std::uint32_t,
                              std::uint32_t) {
    auto* service = handle_as<Service>(service_pointer);
    if (service == nullptr) {
        return answer_invalid_handle;
    }
    if (service->session == nullptr) {
        return fail(error, oracle_error(1012));
    }
    auto made = std::make_unique<Statement>(*service, std::string{sql, length});
    *statement = static_cast<Handle*>(service->session->adopt(std::move(made)));
    return answer_success;
}

MAJED_OCI int OCIStmtRelease(void* statement_pointer, void*, const char*, std::uint32_t, std::uint32_t) {
    auto* statement = handle_as<Statement>(statement_pointer);
    if (statement == nullptr) {
        return answer_invalid_handle;
    }
    statement->owner().drop(statement);
    return answer_success;
}

MAJED_OCI int OCIStmtGetBindInfo(void* statement_pointer, void*, std::uint32_t size, std::uint32_t start,
                                 std::int32_t* found, char* names[], std::uint8_t name_lengths[],
                                 char* indicators[], std::uint8_t indicator_lengths[],
                                 std::uint8_t duplicates[], void** bindings) {
    auto* statement = handle_as<Statement>(statement_pointer);
    if (statement == nullptr) {
        return answer_invalid_handle;
    }
    const std::vector<std::string>& binds = statement->translation().binds;
    if (binds.empty() || start > binds.size()) {
        *found = 0;
        return answer_no_rows;
    }
    const std::size_t first = start == 0 ? 0 : start - 1;
    const std::size_t total = binds.size() - first;
    // Of the whole statement, whatever the start; negative when there are more than were answered.
    *found = static_cast<std::int32_t>(binds.size()) * (total > size ? -1 : 1);
    for (std::size_t index = 0; index < std::min<std::size_t>(size, total); ++index) {
        const std::string& name = binds[first + index];
        const auto earlier = std::find(binds.begin(), binds.end(), name) - binds.begin();
        names[index] = const_cast<char*>(name.data());
        name_lengths[index] = static_cast<std::uint8_t>(name.size());
        indicators[index] = nullptr;
        indicator_lengths[index] = 0;
        duplicates[index] = static_cast<std::size_t>(earlier) < first + index ? 1 : 0;
        bindings[index] = nullptr;
    }
    return answer_success;
}

MAJED_OCI int OCIBindByName2(void* statement_pointer, void** binding, void* error, const char* name,
                             std::int32_t length, void* values, std::int64_t size, std::uint16_t type,
                             void* indicators, std::uint32_t* lengths, std::uint16_t* codes, std::uint32_t,
                             std::uint32_t*, std::uint32_t) {
    auto* statement = handle_as<Statement>(statement_pointer);
    if (statement == nullptr) {
        return answer_invalid_handle;
    }
    const std::string_view given{name, static_cast<std::size_t>(length)};
    return keep_binding(statement->bind_by_name(std::string{given}),
                        {.values = static_cast<char*>(values),
                         .element_size = static_cast<std::size_t>(size),
                         .type = static_cast<DataType>(type),
                         .indicators = static_cast<std::int16_t*>(indicators),
                         .lengths = lengths,
                         .return_codes = codes},
                        binding, error);
}

MAJED_OCI int OCIBindByPos2(void* statement_pointer, void** binding, void* error, std::uint32_t position,
                            void* values, std::int64_t size, std::uint16_t type, void* indicators,
                            std::uint32_t* lengths, std::uint16_t* codes, std::uint32_t, std::uint32_t*,
                            std::uint32_t) {
    auto* statement = handle_as<Statement>(statement_pointer);
    if (statement == nullptr) {
        return answer_invalid_handle;
    }
    return keep_binding(statement->bind_by_position(position),
                        {.values = static_cast<char*>(values),
                         .element_size = static_cast<std::size_t>(size),
                         .type = static_cast<DataType>(type),
                         .indicators = static_cast<std::int16_t*>(indicators),
                         .lengths = lengths,
                         .return_codes = codes},
                        binding, error);
}

MAJED_OCI int OCIBindDynamic(void* binding_pointer, void*, void* in_context, InCallback in, void* out_context,
                             OutCallback out) {
    auto* binding = handle_as<Binding>(binding_pointer);
    if (binding == nullptr) {
        return answer_invalid_handle;
    }
    binding->in_context = in_context;
    binding->in = in;
    binding->out_context = out_context;
    binding->out = out;
    return answer_success;
}

MAJED_OCI int OCIDefineByPos2(void* statement_pointer, void** define_pointer, void* error,
                              std::uint32_t position, void* values, std::uint64_t size, std::uint16_t type,
                              void* indicators, std::uint32_t* lengths, std::uint16_t* codes, std::uint32_t) {
    auto* statement = handle_as<Statement>(statement_pointer);
    if (statement == nullptr) {
        return answer_invalid_handle;
    }
    if (position == 0 || position > statement->columns().size()) {
        return fail(error, oracle_error(1007));
    }
    Define& define = statement->define(position);
    define.array = {.values = static_cast<char*>(values),
                    .element_size = size,
                    .type = static_cast<DataType>(type),
                    .indicators = static_cast<std::int16_t*>(indicators),
                    .lengths = lengths,
                    .return_codes = codes};
    define.callback = nullptr;
    *define_pointer = static_cast<Handle*>(&define);
    return answer_success;
}

MAJED_OCI int OCIDefineDynamic(void* define_pointer, void*, void* context, DefineCallback callback) {
    auto* define = handle_as<Define>(define_pointer);
    if (define == nullptr) {
        return answer_invalid_handle;
    }
    define->context = context;
    define->callback = callback;
    return answer_success;
}

MAJED_OCI int OCIStmtExecute(void* service_pointer, void* statement_pointer, void* error,
                             std::uint32_t iterations, std::uint32_t first, const void*, void*,
                             std::uint32_t mode) {
    auto* service = handle_as<Service>(service_pointer);
    auto* statement = handle_as<Statement>(statement_pointer);
    auto* errors = handle_as<ErrorHandle>(error);
    if (service == nullptr || statement == nullptr || errors == nullptr) {
        return answer_invalid_handle;
    }
    return statement->execute(*service, *errors, {.iterations = iterations, .first = first, .mode = mode});
}

MAJED_OCI int OCIStmtFetch2(void* statement_pointer, void* error, std::uint32_t rows, std::uint16_t,
                            std::int32_t, std::uint32_t) {
    auto* statement = handle_as<Statement>(statement_pointer);
    auto* errors = handle_as<ErrorHandle>(error);
    if (statement == nullptr || errors == nullptr) {
        return answer_invalid_handle;
    }
    return statement->fetch(*errors, rows);
}

MAJED_OCI int OCIStmtGetNextResult(void*, void*, void**, std::uint32_t*, std::uint32_t) {
    return answer_no_rows;
}

/// Of a statement: the describe of a column. Of an error handle: the error of one row of a batch.
MAJED_OCI int OCIParamGet(const void* handle, std::uint32_t, void* error, void** out,
                          std::uint32_t position) {
    if (const auto* statement = handle_as<Statement>(handle)) {
        if (position == 0 || position > statement->columns().size()) {
            return fail(error, oracle_error(24334));
        }
        *out = give_handle(std::make_unique<Parameter>(statement->columns()[position - 1]));
        return answer_success;
    }
    const auto* errors = handle_as<ErrorHandle>(handle);
    auto* row_error = handle_as<ErrorHandle>(*out);
    if (errors == nullptr || row_error == nullptr) {
        return answer_invalid_handle;
    }
    if (position >= errors->batch.size()) {
        return fail(error, oracle_error(24334));
    }
    row_error->error = errors->batch[position].error;
    row_error->row_offset = static_cast<std::int32_t>(errors->batch[position].row);
    return answer_success;
}
