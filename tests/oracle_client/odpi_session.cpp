// SPDX-License-Identifier: Apache-2.0
#include "odpi_session.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "doubles/oci/remote/oci_double.h"

namespace majed::oracle_client {
namespace {

dpiContext* make_context() {
    dpiContextCreateParams params{};
    const std::string folder = doubles::oci_double_folder();
    params.defaultEncoding = "UTF-8";
    params.defaultDriverName = "majed tests : 1";
    params.oracleClientLibDir = folder.c_str();
    dpiContext* made = nullptr;
    dpiErrorInfo error{};
    if (dpiContext_createWithParams(DPI_MAJOR_VERSION, DPI_MINOR_VERSION, &params, &made, &error) < 0) {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(error.messageLength), error.message);
        std::abort();
    }
    return made;
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4U];
        out += digits[static_cast<unsigned char>(c) & 15U];
    }
    return out;
}

std::string text_of(const dpiTimestamp& time) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%09u%+03d:%02d", time.year,
                  time.month, time.day, time.hour, time.minute, time.second, time.fsecond, time.tzHourOffset,
                  std::abs(time.tzMinuteOffset));
    return text.data();
}

std::string text_of(const dpiIntervalDS& interval) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%dd %dh %dm %ds %dns", interval.days, interval.hours,
                  interval.minutes, interval.seconds, interval.fseconds);
    return text.data();
}

std::string text_of(double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.17g", value);
    return text.data();
}

/// In pieces, as a stream would be read.
std::string text_of(dpiLob* lob, bool is_bytes) {
    constexpr std::uint64_t piece = 10000;
    std::uint64_t size = 0;
    dpiLob_getSize(lob, &size);
    std::string out;
    for (std::uint64_t offset = 1; offset <= size; offset += piece) {
        std::vector<char> buffer(4 * piece);
        std::uint64_t length = buffer.size();
        if (dpiLob_readBytes(lob, offset, piece, buffer.data(), &length) < 0) {
            return "FAILED: " + last_error().text;
        }
        out.append(buffer.data(), length);
    }
    return is_bytes ? hexadecimal(out) : out;
}

std::string text_of(const dpiData& data, dpiNativeTypeNum native, const dpiDataTypeInfo& type) {
    switch (native) {
        case DPI_NATIVE_TYPE_BYTES: {
            const std::string_view bytes{data.value.asBytes.ptr, data.value.asBytes.length};
            return type.oracleTypeNum == DPI_ORACLE_TYPE_RAW ? hexadecimal(bytes) : std::string{bytes};
        }
        case DPI_NATIVE_TYPE_INT64:
            return std::to_string(data.value.asInt64);
        case DPI_NATIVE_TYPE_DOUBLE:
            return text_of(data.value.asDouble);
        case DPI_NATIVE_TYPE_FLOAT:
            return text_of(static_cast<double>(data.value.asFloat));
        case DPI_NATIVE_TYPE_TIMESTAMP:
            return text_of(data.value.asTimestamp);
        case DPI_NATIVE_TYPE_INTERVAL_DS:
            return text_of(data.value.asIntervalDS);
        case DPI_NATIVE_TYPE_INTERVAL_YM:
            return std::to_string(data.value.asIntervalYM.years) + "y " +
                   std::to_string(data.value.asIntervalYM.months) + "m";
        case DPI_NATIVE_TYPE_LOB:
            return text_of(data.value.asLOB, type.oracleTypeNum == DPI_ORACLE_TYPE_BLOB);
        case DPI_NATIVE_TYPE_ROWID: {
            const char* text = nullptr;
            std::uint32_t length = 0;
            dpiRowid_getStringValue(data.value.asRowid, &text, &length);
            return {text, length};
        }
        default:
            return "?";
    }
}

}  // namespace

dpiContext* context() {
    static dpiContext* const only = make_context();
    return only;
}

Outcome last_error() {
    dpiErrorInfo error{};
    dpiContext_getError(context(), &error);
    return {
        .code = error.code, .offset = error.offset, .text = std::string{error.message, error.messageLength}};
}

Outcome outcome_of(int status) {
    return status < 0 ? last_error() : Outcome{};
}

OdpiSession::OdpiSession(const std::string& service) {
    dpiCommonCreateParams common{};
    dpiContext_initCommonCreateParams(context(), &common);
    common.createMode = DPI_MODE_CREATE_THREADED;
    const std::string target = "double/" + service;
    dpiConn* connection = nullptr;
    if (dpiConn_create(context(), "app", 3, "good", 4, target.c_str(),
                       static_cast<std::uint32_t>(target.size()), &common, nullptr, &connection) < 0) {
        std::fprintf(stderr, "%s\n", last_error().text.c_str());
        std::abort();
    }
    connection_.reset(connection);
}

Outcome OdpiSession::try_connect(const std::string& connect_string, const std::string& user,
                                 const std::string& password) {
    dpiConn* connection = nullptr;
    const int status =
        dpiConn_create(context(), user.c_str(), static_cast<std::uint32_t>(user.size()), password.c_str(),
                       static_cast<std::uint32_t>(password.size()), connect_string.c_str(),
                       static_cast<std::uint32_t>(connect_string.size()), nullptr, nullptr, &connection);
    const OdpiSession session{connection};
    return outcome_of(status);
}

Statement OdpiSession::prepare(std::string_view sql) const {
    dpiStmt* statement = nullptr;
    if (dpiConn_prepareStmt(get(), 0, sql.data(), static_cast<std::uint32_t>(sql.size()), nullptr, 0,
                            &statement) < 0) {
        return nullptr;
    }
    return Statement{statement};
}

Answer OdpiSession::run(std::string_view sql) const {
    const Statement statement = prepare(sql);
    if (!statement) {
        Answer answer;
        answer.outcome = last_error();
        return answer;
    }
    return run(statement.get());
}

Answer OdpiSession::run(dpiStmt* statement, std::uint32_t mode) const {
    Answer answer;
    std::uint32_t columns = 0;
    if (dpiStmt_execute(statement, mode, &columns) < 0) {
        answer.outcome = last_error();
        return answer;
    }
    dpiStmt_getRowCount(statement, &answer.row_count);
    for (std::uint32_t column = 1; column <= columns; ++column) {
        dpiQueryInfo described{};
        dpiStmt_getQueryInfo(statement, column, &described);
        answer.names.emplace_back(described.name, described.nameLength);
        answer.types.push_back(described.typeInfo);
        answer.nullable.push_back(described.nullOk != 0);
        if (described.typeInfo.oracleTypeNum == DPI_ORACLE_TYPE_NUMBER) {
            dpiStmt_defineValue(statement, column, DPI_ORACLE_TYPE_NUMBER, DPI_NATIVE_TYPE_BYTES, 0, 0,
                                nullptr);
        }
    }
    int found = columns > 0 ? 1 : 0;
    while (found != 0) {
        std::uint32_t index = 0;
        if (dpiStmt_fetch(statement, &found, &index) < 0) {
            answer.outcome = last_error();
            return answer;
        }
        TextRow row;
        for (std::uint32_t column = 1; found != 0 && column <= columns; ++column) {
            dpiNativeTypeNum native = 0;
            dpiData* data = nullptr;
            dpiStmt_getQueryValue(statement, column, &native, &data);
            row.push_back(data->isNull != 0
                              ? std::nullopt
                              : std::optional{text_of(*data, native, answer.types[column - 1])});
        }
        if (found != 0) {
            answer.rows.push_back(std::move(row));
        }
    }
    return answer;
}

std::string OdpiSession::value(std::string_view sql) const {
    const Answer answer = run(sql);
    if (!answer.outcome.ok()) {
        return answer.outcome.text;
    }
    return answer.rows.size() == 1 ? answer.rows[0][0].value_or("NULL")
                                   : std::to_string(answer.rows.size()) + " rows";
}

bool OdpiSession::is_healthy() const {
    int healthy = 0;
    return dpiConn_getIsHealthy(get(), &healthy) == 0 && healthy != 0;
}

}  // namespace majed::oracle_client
