// SPDX-License-Identifier: Apache-2.0
#include "telemetry/log.h"

#include "telemetry/safe_text.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

namespace majed::telemetry {
namespace {

constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warning", "error", "off"};

/// `2025-01-31T23:59:59.123456Z`
std::string timestamp(std::chrono::system_clock::time_point when) {
    const auto micros = std::chrono::floor<std::chrono::microseconds>(when);
    const auto day = std::chrono::floor<std::chrono::days>(micros);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(micros - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

/// Safe text in double quotes, with quotes and backslashes escaped as JSON and logfmt both do.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    std::size_t from = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] != '"' && text[i] != '\\') continue;
        out += safe_text(text.substr(from, i - from));
        if (i < text.size()) out.append("\\").append(1, text[i]);
        from = i + 1;
    }
    return out += '"';
}

bool is_plain_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '=';
    });
}

std::string value_text(LogFormat format, const LogField& field) {
    return std::visit(
        [format](const auto& value) -> std::string {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::string_view>) {
                return format == LogFormat::logfmt && is_plain_word(value) ? std::string(value)
                                                                           : quoted(value);
            } else if constexpr (std::is_same_v<T, double>) {
                return std::isfinite(value) ? fmt::format("{}", value) : quoted(fmt::format("{}", value));
            } else {
                return fmt::format("{}", value);
            }
        },
        field.value);
}

void append_field(std::string& line, LogFormat format, const LogField& field) {
    if (format == LogFormat::json) {
        line.append(",\"").append(field.name).append("\":");
    } else {
        line.append(" ").append(field.name).append("=");
    }
    line += value_text(format, field);
}

spdlog::sink_ptr make_sink(std::ostream* stream) {
    if (stream != nullptr) return std::make_shared<spdlog::sinks::ostream_sink_mt>(*stream, true);
    return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
    return level_names[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> log_level_from(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(level_names, name);
    if (found == level_names.end()) return std::nullopt;
    return static_cast<LogLevel>(found - level_names.begin());
}

std::optional<LogFormat> log_format_from(std::string_view name) noexcept {
    if (name == "json") return LogFormat::json;
    if (name == "logfmt") return LogFormat::logfmt;
    return std::nullopt;
}

std::string format_line(LogFormat format, std::chrono::system_clock::time_point when, LogLevel level,
                        std::string_view message, std::span<const LogField> fields) {
    std::string line;
    if (format == LogFormat::json) line = "{\"time\":\"" + timestamp(when) + '"';
    if (format == LogFormat::logfmt) line = "time=" + timestamp(when);
    append_field(line, format, {"level", to_string(level)});
    append_field(line, format, {"message", message});
    for (const LogField& field : fields) append_field(line, format, field);
    if (format == LogFormat::json) line += '}';
    return line;
}

struct Log::Writer {
    explicit Writer(std::ostream* stream) : logger("majed", make_sink(stream)) {
        logger.set_pattern("%v");
        logger.set_level(spdlog::level::trace);
        // A full disk under the log must not stop the program; there is nowhere left to say so.
        logger.set_error_handler([](const std::string&) {});
    }
    spdlog::logger logger;
};

Log::Log(const LogOptions& options) : options_(options), writer_(std::make_unique<Writer>(options.stream)) {}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    if (!enabled(level) || level == LogLevel::off) return;
    const auto line = format_line(options_.format, std::chrono::system_clock::now(), level, message, fields);
    writer_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void Log::debug(std::string_view message, std::initializer_list<LogField> fields) {
    write(LogLevel::debug, message, fields);
}

void Log::info(std::string_view message, std::initializer_list<LogField> fields) {
    write(LogLevel::info, message, fields);
}

void Log::warning(std::string_view message, std::initializer_list<LogField> fields) {
    write(LogLevel::warning, message, fields);
}

void Log::error(std::string_view message, std::initializer_list<LogField> fields) {
    write(LogLevel::error, message, fields);
}

}  // namespace majed::telemetry
