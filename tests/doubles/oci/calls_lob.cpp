// SPDX-License-Identifier: Apache-2.0
// Large objects: temporary ones written by the application, those of rows read in pieces.
#include <algorithm>
#include <cstring>

#include "exported.h"
#include "handles.h"
#include "session.h"

using namespace majed::oci_double;

namespace {

constexpr std::uint32_t chunk_size = 8132;

/// A character counts as the server counts: UTF-16 units, two beyond the basic plane.
struct CharacterStep {
    std::size_t bytes;
    std::uint64_t units;
};

CharacterStep step_at(const std::string& text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return {.bytes = std::min(length, text.size() - at), .units = length == 4 ? 2U : 1U};
}

std::uint64_t units_of(const std::string& text) {
    std::uint64_t units = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CharacterStep step = step_at(text, at);
        at += step.bytes;
        units += step.units;
    }
    return units;
}

/// Byte behind the given units, beginning at `from`; a character cut in half counts as taken.
std::size_t advance(const std::string& text, std::size_t from, std::uint64_t units) {
    while (units > 0 && from < text.size()) {
        const CharacterStep step = step_at(text, from);
        from += step.bytes;
        units -= std::min(units, step.units);
    }
    return from;
}

std::size_t byte_of(const LobDescriptor& lob, std::uint64_t offset) {
    const std::uint64_t before = offset == 0 ? 0 : offset - 1;
    return lob.is_text ? advance(lob.content, 0, before) : std::min<std::size_t>(before, lob.content.size());
}

LobDescriptor* set_lob(void* locator) {
    auto* lob = handle_as<LobDescriptor>(locator);
    return lob != nullptr && lob->is_set ? lob : nullptr;
}

/// The longest whole characters that fit.
std::size_t whole_characters(const std::string& text, std::size_t from, std::size_t end, std::size_t room) {
    std::size_t at = from;
    while (at < end) {
        const std::size_t next = at + step_at(text, at).bytes;
        if (next - from > room) {
            break;
        }
        at = next;
    }
    return at;
}

}  // namespace

MAJED_OCI int OCILobCreateTemporary(void*, void*, void* locator, std::uint16_t, std::uint8_t,
                                    std::uint8_t type, int, std::uint16_t) {
    auto* lob = handle_as<LobDescriptor>(locator);
    if (lob == nullptr) {
        return answer_invalid_handle;
    }
    lob->content.clear();
    lob->is_set = true;
    lob->is_temporary = true;
    lob->is_text = type != temporary_blob;
    return answer_success;
}

MAJED_OCI int OCILobFreeTemporary(void*, void* error, void* locator) {
    auto* lob = set_lob(locator);
    if (lob == nullptr) {
        return fail(error, oracle_error(22275));
    }
    lob->content.clear();
    lob->is_set = false;
    lob->is_temporary = false;
    return answer_success;
}

MAJED_OCI int OCILobIsTemporary(void*, void*, void* locator, int* flag) {
    const auto* lob = handle_as<LobDescriptor>(locator);
    *flag = lob != nullptr && lob->is_temporary ? 1 : 0;
    return answer_success;
}

MAJED_OCI int OCILobGetLength2(void*, void* error, void* locator, std::uint64_t* length) {
    const auto* lob = set_lob(locator);
    if (lob == nullptr) {
        return fail(error, oracle_error(22275));
    }
    *length = lob->is_text ? units_of(lob->content) : lob->content.size();
    return answer_success;
}

MAJED_OCI int OCILobRead2(void* service_pointer, void* error, void* locator, std::uint64_t* bytes,
                          std::uint64_t* characters, std::uint64_t offset, void* buffer, std::uint64_t size,
                          std::uint8_t, void*, void*, std::uint16_t, std::uint8_t) {
    auto* service = handle_as<Service>(service_pointer);
    const auto* lob = set_lob(locator);
    if (service == nullptr || lob == nullptr) {
        return fail(error, oracle_error(22275));
    }
    const RoundTrip trip(*service, Event::lob_read);
    if (trip.failure()) {
        return fail(error, *trip.failure());
    }
    const std::size_t begin = byte_of(*lob, offset);
    std::size_t end = lob->content.size();
    if (lob->is_text && *characters > 0) {
        end = whole_characters(lob->content, begin, advance(lob->content, begin, *characters), size);
    } else {
        const std::uint64_t wanted = *bytes > 0 ? std::min(*bytes, size) : size;
        end = std::min<std::size_t>(end, begin + wanted);
    }
    std::memcpy(buffer, lob->content.data() + begin, end - begin);
    *bytes = end - begin;
    *characters = lob->is_text ? units_of(lob->content.substr(begin, end - begin)) : 0;
    return answer_success;
}

MAJED_OCI int OCILobWrite2(void* service_pointer, void* error, void* locator, std::uint64_t* bytes,
                           std::uint64_t* characters, std::uint64_t offset, void* buffer, std::uint64_t size,
                           std::uint8_t, void*, void*, std::uint16_t, std::uint8_t) {
    auto* service = handle_as<Service>(service_pointer);
    auto* lob = set_lob(locator);
    if (service == nullptr || lob == nullptr) {
        return fail(error, oracle_error(22275));
    }
    const RoundTrip trip(*service, Event::lob_write);
    if (trip.failure()) {
        return fail(error, *trip.failure());
    }
    const std::string written{static_cast<const char*>(buffer), size};
    const std::size_t begin = byte_of(*lob, offset);
    const std::size_t end = lob->is_text ? advance(lob->content, begin, units_of(written))
                                         : std::min(lob->content.size(), begin + written.size());
    lob->content.replace(begin, end - begin, written);
    *bytes = size;
    *characters = lob->is_text ? units_of(written) : 0;
    return answer_success;
}

MAJED_OCI int OCILobTrim2(void*, void* error, void* locator, std::uint64_t length) {
    auto* lob = set_lob(locator);
    if (lob == nullptr) {
        return fail(error, oracle_error(22275));
    }
    lob->content.resize(byte_of(*lob, length + 1));
    return answer_success;
}

MAJED_OCI int OCILobGetChunkSize(void*, void*, void*, std::uint32_t* size) {
    *size = chunk_size;
    return answer_success;
}

MAJED_OCI int OCILobLocatorAssign(void*, void* error, const void* from_pointer, void** to_pointer) {
    const auto* from = handle_as<LobDescriptor>(from_pointer);
    auto* to = handle_as<LobDescriptor>(*to_pointer);
    if (from == nullptr || to == nullptr) {
        return fail(error, oracle_error(22275));
    }
    to->content = from->content;
    to->is_set = from->is_set;
    to->is_text = from->is_text;
    to->is_temporary = from->is_temporary;
    return answer_success;
}

MAJED_OCI int OCILobOpen(void*, void* error, void* locator, std::uint8_t) {
    auto* lob = set_lob(locator);
    if (lob == nullptr) {
        return fail(error, oracle_error(22275));
    }
    lob->is_open = true;
    return answer_success;
}

MAJED_OCI int OCILobClose(void*, void* error, void* locator) {
    auto* lob = set_lob(locator);
    if (lob == nullptr) {
        return fail(error, oracle_error(22275));
    }
    lob->is_open = false;
    return answer_success;
}

MAJED_OCI int OCILobIsOpen(void*, void*, void* locator, int* flag) {
    const auto* lob = handle_as<LobDescriptor>(locator);
    *flag = lob != nullptr && lob->is_open ? 1 : 0;
    return answer_success;
}
