// SPDX-License-Identifier: Apache-2.0
#include "audit/record_leaf.h"

#include "crypto/merkle_tree.h"

#include <bit>
#include <variant>

namespace majed::audit {

namespace {

constexpr std::string_view domain = "majed-audit-record-v1";

}  // namespace

void RecordLeaf::clear() {
    bytes_.assign(domain.begin(), domain.end());
}

void RecordLeaf::add(const ValueView& cell) {
    if (const auto* const number = std::get_if<std::int64_t>(&cell)) {
        add('i', static_cast<std::uint64_t>(*number));
    } else if (const auto* const truth = std::get_if<bool>(&cell)) {
        add('i', *truth ? std::uint64_t{1} : std::uint64_t{0});
    } else if (const auto* const real = std::get_if<double>(&cell)) {
        add('r', std::bit_cast<std::uint64_t>(*real));
    } else if (const auto* const text = std::get_if<std::string_view>(&cell)) {
        add('t', *text);
    } else if (const auto* const blob = std::get_if<BlobView>(&cell)) {
        add('b', std::string_view(reinterpret_cast<const char*>(blob->bytes.data()), blob->bytes.size()));
    } else {
        add('n', std::string_view());
    }
}

crypto::Digest RecordLeaf::hash() const {
    return crypto::leaf_hash(bytes_);
}

void RecordLeaf::add(char storage_class, std::string_view bytes) {
    bytes_.push_back(static_cast<std::uint8_t>(storage_class));
    append(bytes.size());
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void RecordLeaf::add(char storage_class, std::uint64_t number) {
    bytes_.push_back(static_cast<std::uint8_t>(storage_class));
    append(sizeof number);
    append(number);
}

void RecordLeaf::append(std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) {
        bytes_.push_back(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
    }
}

}  // namespace majed::audit
