// SPDX-License-Identifier: Apache-2.0
#include "connect_target.h"

#include <charconv>

#include "sql_scan.h"

namespace majed::oci_double {
namespace {

/// The value of (KEY=value) anywhere in the description.
std::string value_of(std::string_view description, const std::string& key) {
    const std::string upper_case = upper(description);
    const std::size_t found = upper_case.find("(" + key + "=");
    if (found == std::string::npos) {
        return {};
    }
    const std::size_t begin = found + key.size() + 2;
    return std::string{description.substr(begin, description.find(')', begin) - begin)};
}

void read_timeout(std::string_view seconds, ConnectTarget& target) {
    int value = 0;
    const auto parsed = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
    if (parsed.ec != std::errc{}) {
        return;
    }
    const std::string_view unit = seconds.substr(static_cast<std::size_t>(parsed.ptr - seconds.data()));
    target.connect_timeout = unit.starts_with("ms") || unit.starts_with("MS")
                                 ? std::chrono::milliseconds{value}
                                 : std::chrono::seconds{value};
}

void read_options(std::string_view options, ConnectTarget& target) {
    while (!options.empty()) {
        const std::size_t end = options.find('&');
        const std::string_view option = options.substr(0, end);
        const std::size_t equals = option.find('=');
        const std::string name = upper(option.substr(0, equals));
        if (equals != std::string_view::npos &&
            (name == "TRANSPORT_CONNECT_TIMEOUT" || name == "CONNECT_TIMEOUT")) {
            read_timeout(option.substr(equals + 1), target);
        }
        options = end == std::string_view::npos ? std::string_view{} : options.substr(end + 1);
    }
}

}  // namespace

ConnectTarget parse_connect_string(std::string_view text) {
    ConnectTarget target;
    if (text.starts_with("(")) {
        target.host = value_of(text, "HOST");
        target.service = value_of(text, "SERVICE_NAME");
        for (const char* key : {"CONNECT_TIMEOUT", "TRANSPORT_CONNECT_TIMEOUT"}) {
            read_timeout(value_of(text, key), target);
        }
        return target;
    }
    if (const std::size_t scheme = text.find("//"); scheme != std::string_view::npos) {
        text.remove_prefix(scheme + 2);
    }
    if (const std::size_t options = text.find('?'); options != std::string_view::npos) {
        read_options(text.substr(options + 1), target);
        text = text.substr(0, options);
    }
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) {
        target.service = std::string{text};
        return target;
    }
    const std::string_view address = text.substr(0, slash);
    target.host = std::string{address.substr(0, address.rfind(':'))};
    // A server type and an instance may follow: service:pooled/instance.
    target.service = std::string{text.substr(slash + 1, text.find_first_of(":/", slash + 1) - slash - 1)};
    return target;
}

}  // namespace majed::oci_double
