// SPDX-License-Identifier: Apache-2.0
#include "store/configuration.h"

#include "config/units.h"

#include <charconv>
#include <utility>

namespace majed::store {
namespace {

bool fits(const ConfigurationTraits& traits, std::int64_t number) {
    return (number >= traits.minimum && number <= traits.maximum) || (traits.zero_is_endless && number == 0);
}

/// Of the key's type, in bounds or not.
std::optional<std::int64_t> typed_number(const ConfigurationTraits& traits, std::string_view text) {
    if (traits.type == ConfigurationType::boolean) {
        if (text == "true") return 1;
        if (text == "false") return 0;
        return std::nullopt;
    }
    if (traits.type == ConfigurationType::duration && text != "0") {
        const auto span = config::parse_duration(text);
        return span ? std::optional<std::int64_t>(span->count()) : std::nullopt;
    }
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

std::string expected(const ConfigurationTraits& traits) {
    if (traits.type == ConfigurationType::boolean) return "true or false";
    const std::string bounds =
        "from " + text_of(traits, traits.minimum) + " to " + text_of(traits, traits.maximum);
    if (traits.type == ConfigurationType::integer) return "a whole number " + bounds;
    return "a text " + bounds + " with a unit of ms, s, m, h, d" +
           (traits.zero_is_endless ? ", or \"0\" for ever" : "");
}

void append_value(format::JsonWriter& json, const ConfigurationTraits& traits, std::int64_t number) {
    switch (traits.type) {
        case ConfigurationType::boolean:
            json.boolean(number != 0);
            return;
        case ConfigurationType::integer:
            json.integer(number);
            return;
        case ConfigurationType::duration:
            json.text(text_of(traits, number));
            return;
    }
}

}  // namespace

Result<ConfigurationKey> configuration_key(std::string_view name) {
    std::string known;
    for (const ConfigurationTraits& traits : configuration_keys) {
        if (traits.name == name) return traits.key;
        known.append(known.empty() ? "" : ", ").append(traits.name);
    }
    return Error{.code = ErrorCode::not_found, .message = "there is no such configuration key"}.with_hint(
        "known are: " + known);
}

Result<std::int64_t> number_of(const ConfigurationTraits& traits, const ConfigurationValue& value) {
    std::optional<std::int64_t> number;
    if (const bool* const flag = std::get_if<bool>(&value); flag != nullptr) {
        if (traits.type == ConfigurationType::boolean) number = *flag ? 1 : 0;
    } else if (const auto* const whole = std::get_if<std::int64_t>(&value); whole != nullptr) {
        if (traits.type == ConfigurationType::integer) number = *whole;
    } else if (traits.type == ConfigurationType::duration) {
        number = typed_number(traits, std::get<std::string>(value));
    }
    if (number && fits(traits, *number)) return *number;
    return Error{.code = ErrorCode::invalid_argument,
                 .message = std::string(traits.name) + ": expected " + expected(traits)};
}

std::string text_of(const ConfigurationTraits& traits, std::int64_t number) {
    switch (traits.type) {
        case ConfigurationType::boolean:
            return number != 0 ? "true" : "false";
        case ConfigurationType::integer:
            break;
        case ConfigurationType::duration:
            if (number != 0) return config::format_duration(std::chrono::milliseconds(number));
            break;
    }
    return std::to_string(number);
}

std::optional<std::int64_t> number_in(const ConfigurationTraits& traits, std::string_view text) {
    const auto number = typed_number(traits, text);
    return number && fits(traits, *number) ? number : std::nullopt;
}

Error not_understood(const ConfigurationTraits& traits) {
    return Error{.code = ErrorCode::conflict,
                 .message = "what is stored for " + std::string(traits.name) + " is no value of it"}
        .with_hint(
            "an administrator sets it again, or back to its default: PUT or DELETE"
            " /api/v1/configuration/" +
            std::string(traits.name));
}

void append_configuration_members(format::JsonWriter& json, const ConfigurationItem& item) {
    const ConfigurationTraits& traits = traits_of(item.key);
    json.key("key").text(traits.name).key("type").text(name_of(traits.type)).key("value");
    if (item.number) {
        append_value(json, traits, *item.number);
    } else {
        json.null().key("error").begin_object();
        format::append_error_members(json, not_understood(traits));
        json.end_object();
    }
    json.key("default");
    append_value(json, traits, traits.initial);
    if (traits.type != ConfigurationType::boolean) {
        json.key("minimum");
        append_value(json, traits, traits.minimum);
        json.key("maximum");
        append_value(json, traits, traits.maximum);
    }
    json.key("description").text(traits.description).key("set").boolean(item.set);
    json.key("updated_by").text_or_null(item.updated_by);
    json.key("updated_at").text_or_null(item.updated_at);
}

void append_configuration_change(format::JsonWriter& json, const ConfigurationTraits& traits,
                                 const ConfigurationChange& change) {
    const auto append = [&](std::string_view name, const std::optional<std::string>& text) {
        json.key(name);
        const auto number = text ? number_in(traits, *text) : std::nullopt;
        if (number) {
            append_value(json, traits, *number);
        } else if (text) {
            json.text(*text);
        } else {
            json.null();
        }
    };
    json.begin_object();
    append("old", change.old_value);
    append("new", change.new_value);
    json.key("changed_by").text(change.changed_by).key("changed_at").text(change.changed_at).end_object();
}

std::string configuration_json(const ConfigurationItem& item) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object();
    append_configuration_members(json, item);
    json.end_object();
    return out;
}

}  // namespace majed::store
