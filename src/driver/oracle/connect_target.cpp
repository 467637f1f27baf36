// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/connect_target.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace majed::driver::oracle {

namespace {

constexpr std::string_view scheme = "oracle://";
constexpr std::size_t longest_part = 512;

Error wrong(std::string_view part) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = "the URL of an Oracle source has a wrong " + std::string(part),
                 .hint = "oracle://host:1521/service?expire_time=2; parameters: docs/guide/oracle.md"};
}

bool is_word(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Letters, digits and `extra` only, and something at all.
bool consists_of(std::string_view text, std::string_view extra) {
    return !text.empty() && text.size() <= longest_part && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_word(c) || extra.find(c) != std::string_view::npos;
    });
}

std::optional<int> number_in(std::string_view text, int low, int high) {
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < low || value > high) {
        return std::nullopt;
    }
    return value;
}

std::optional<bool> yes_or_no(std::string_view text) {
    if (text == "yes" || text == "no") {
        return text == "yes";
    }
    return std::nullopt;
}

int hex_of(char c) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    const std::size_t at = digits.find(static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c));
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_of(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_of(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

/// What the parameters say, before it is put together.
struct Settings {
    bool tls = false;
    int expire_minutes = 2;
    bool match_dn = true;
    std::string wallet;
    std::string server_dn;
    ConnectTarget target;
};

bool is_folder(std::string_view value) {
    return value.starts_with('/') && consists_of(value, "/._-+");
}

/// False when `value` is none for `name`.
bool read_tls_parameter(std::string_view name, std::string_view value, Settings& settings) {
    if (name == "protocol") {
        settings.tls = value == "tcps";
        return value == "tcp" || value == "tcps";
    }
    if (name == "wallet_location") {
        settings.wallet = value;
        return is_folder(value);
    }
    if (name == "ssl_server_dn_match") {
        settings.match_dn = value != "no";
        return yes_or_no(value).has_value();
    }
    settings.server_dn = value;
    return consists_of(value, "=,.*_- ");
}

bool read_pool_parameter(std::string_view name, std::string_view value, ConnectTarget& target) {
    if (name == "pooled") {
        target.pooled = value == "yes";
        return yes_or_no(value).has_value();
    }
    if (name == "purity") {
        target.purity = value == "self" ? Purity::reused : Purity::fresh;
        return value == "self" || value == "new";
    }
    target.connection_class = value;
    return consists_of(value, "_-") && value.size() <= 128;
}

bool read_parameter(std::string_view name, std::string_view value, Settings& settings) {
    if (name == "expire_time") {
        const auto minutes = number_in(value, 0, 1440);
        settings.expire_minutes = minutes.value_or(0);
        return minutes.has_value();
    }
    if (name == "transport_connect_timeout") {
        const auto seconds = number_in(value, 1, 600);
        settings.target.transport_timeout = std::chrono::seconds(seconds.value_or(1));
        return seconds.has_value();
    }
    if (name == "client_library") {
        settings.target.client_library = value;
        return is_folder(value);
    }
    return false;
}

constexpr std::array<std::string_view, 4> tls_names{"protocol", "wallet_location", "ssl_server_dn_match",
                                                    "ssl_server_cert_dn"};
constexpr std::array<std::string_view, 3> pool_names{"pooled", "purity", "connection_class"};
constexpr std::array<std::string_view, 3> other_names{"expire_time", "transport_connect_timeout",
                                                      "client_library"};

template <std::size_t size>
bool holds(const std::array<std::string_view, size>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> read_one(std::string_view name, std::string_view value, Settings& settings) {
    bool right = false;
    if (holds(tls_names, name)) {
        right = read_tls_parameter(name, value, settings);
    } else if (holds(pool_names, name)) {
        right = read_pool_parameter(name, value, settings.target);
    } else if (holds(other_names, name)) {
        right = read_parameter(name, value, settings);
    } else {
        return wrong("parameter, which this driver does not know");
    }
    return right ? Result<void>() : wrong("value of " + std::string(name));
}

Result<void> read_query(std::string_view query, Settings& settings) {
    std::vector<std::string_view> seen;
    while (!query.empty()) {
        const std::string_view entry = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), entry.size() + 1));
        const std::size_t equals = entry.find('=');
        if (equals == std::string_view::npos) {
            return wrong("parameter without a value");
        }
        const std::string_view name = entry.substr(0, equals);
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
            return wrong("parameter, given twice");
        }
        seen.push_back(name);
        const std::optional<std::string> value = percent_decoded(entry.substr(equals + 1));
        if (!value) {
            return wrong("parameter, badly percent-encoded");
        }
        MAJED_TRY(read_one(name, *value, settings));
    }
    return {};
}

/// `host:port` with the port made explicit.
Result<std::string> checked_authority(std::string_view authority) {
    if (authority.find('@') != std::string_view::npos) {
        return wrong("place for user and password: they are settings of their own");
    }
    std::size_t host_end = authority.find(':');
    bool right = true;
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        host_end = close == std::string_view::npos ? close : close + 1;
        right = close != std::string_view::npos && consists_of(authority.substr(1, close - 1), ":.");
    } else {
        right = consists_of(authority.substr(0, host_end), "._-");
    }
    if (!right) {
        return wrong("host");
    }
    const std::string_view host = authority.substr(0, host_end);
    std::string_view port = authority.substr(host.size());
    if (port.empty()) {
        return std::string(host) + ":1521";
    }
    port.remove_prefix(1);
    const bool has_colon = authority[host.size()] == ':';
    if (!has_colon || !number_in(port, 1, 65535)) {
        return wrong("port");
    }
    return std::string(host) + ":" + std::string(port);
}

std::string options_of(const Settings& settings) {
    std::string options = "expire_time=" + std::to_string(settings.expire_minutes);
    if (settings.tls) {
        options += settings.match_dn ? "&ssl_server_dn_match=yes" : "&ssl_server_dn_match=no";
    }
    if (!settings.wallet.empty()) {
        options += "&wallet_location=" + settings.wallet;
    }
    if (!settings.server_dn.empty()) {
        options += "&ssl_server_cert_dn=\"" + settings.server_dn + "\"";
    }
    return options;
}

}  // namespace

std::string ConnectTarget::connect_string(std::chrono::nanoseconds left) const {
    const auto whole = std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(left));
    const auto seconds = std::min(transport_timeout, whole);
    return address + "?transport_connect_timeout=" + std::to_string(seconds.count()) + "&" + options;
}

Result<ConnectTarget> parse_connect_target(std::string_view url) {
    if (!url.starts_with(scheme)) {
        return wrong("scheme");
    }
    url.remove_prefix(scheme.size());
    const std::size_t slash = url.find('/');
    const std::size_t question = url.find('?');
    if (slash == std::string_view::npos || question < slash) {
        return wrong("service: it is missing");
    }
    MAJED_TRY_ASSIGN(const std::string authority, checked_authority(url.substr(0, slash)));
    const std::string_view service = url.substr(slash + 1, question - slash - 1);
    if (!consists_of(service, "._-$#")) {
        return wrong("service");
    }
    Settings settings;
    settings.target.connection_class = "MAJED";
    if (question != std::string_view::npos) {
        MAJED_TRY(read_query(url.substr(question + 1), settings));
    }
    ConnectTarget target = std::move(settings.target);
    target.address = (settings.tls ? "tcps://" : "") + authority + "/" + std::string(service) +
                     (target.pooled ? ":pooled" : "");
    target.options = options_of(settings);
    return target;
}

}  // namespace majed::driver::oracle
