// SPDX-License-Identifier: Apache-2.0
#include "format/text_table.h"

#include "format/text.h"

#include <algorithm>
#include <cmath>

namespace majed::format {
namespace {

std::string blob_text(const BlobView& blob) {
    constexpr std::string_view hex_digits = "0123456789abcdef";
    constexpr std::size_t shown = 16;
    std::string out = "x'";
    for (std::size_t i = 0; i < std::min(shown, blob.bytes.size()); ++i) {
        const auto byte = std::to_integer<unsigned>(blob.bytes[i]);
        out += hex_digits[byte >> 4U];
        out += hex_digits[byte & 0x0fU];
    }
    return out + (blob.bytes.size() > shown ? "…'" : "'");
}

void append_padded(std::string& out, const TableCell& cell, std::size_t width, bool last) {
    const std::size_t used = std::min(width, display_width(cell.text));
    if (cell.align == Align::right) {
        out.append(width - used, ' ');
    }
    out += cell.text;
    if (cell.align == Align::left && !last) {
        out.append(width - used, ' ');
    }
}

}  // namespace

TableCell table_cell(const ValueView& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return {std::to_string(*number), Align::right};
    }
    if (const auto* number = std::get_if<double>(&value)) {
        if (!std::isfinite(*number)) {
            return {std::isnan(*number) ? "NaN" : (*number > 0 ? "Infinity" : "-Infinity"), Align::right};
        }
        return {real_text(*number), Align::right};
    }
    if (const auto* text = std::get_if<std::string_view>(&value)) {
        return {printable(*text), Align::left};
    }
    if (const auto* blob = std::get_if<BlobView>(&value)) {
        return {blob_text(*blob), Align::left};
    }
    if (const auto* truth = std::get_if<bool>(&value)) {
        return {*truth ? "true" : "false", Align::left};
    }
    if (const auto* error = std::get_if<CellError>(&value)) {
        return {"#" + std::string(error->code), Align::left};
    }
    return {"NULL", Align::left};
}

TextTable::TextTable(std::vector<std::string> titles, std::size_t widest)
    : titles_(std::move(titles)), widest_(widest) {}

void TextTable::add(std::vector<TableCell> cells) {
    cells.resize(titles_.size());
    for (auto& cell : cells) {
        cell.text = fitted(cell.text, widest_);
    }
    lines_.push_back(std::move(cells));
}

void TextTable::append_to(std::string& out, std::size_t indent) const {
    std::vector<std::size_t> widths;
    widths.reserve(titles_.size());
    for (std::size_t c = 0; c < titles_.size(); ++c) {
        std::size_t width = display_width(titles_[c]);
        for (const auto& line : lines_) {
            width = std::max(width, display_width(line[c].text));
        }
        widths.push_back(width);
    }
    const std::size_t count = widths.size();
    if (count == 0) {
        return;
    }
    out.append(indent, ' ');
    for (std::size_t c = 0; c < count; ++c) {
        const bool right = !lines_.empty() && lines_.front()[c].align == Align::right;
        append_padded(out, {titles_[c], right ? Align::right : Align::left}, widths[c], c + 1 == count);
        out += c + 1 == count ? "\n" : " │ ";
    }
    out.append(indent, ' ');
    for (std::size_t c = 0; c < count; ++c) {
        for (std::size_t i = 0; i < widths[c]; ++i) {
            out += "─";
        }
        out += c + 1 == count ? "\n" : "─┼─";
    }
    for (const auto& line : lines_) {
        out.append(indent, ' ');
        for (std::size_t c = 0; c < count; ++c) {
            append_padded(out, line[c], widths[c], c + 1 == count);
            out += c + 1 == count ? "\n" : " │ ";
        }
    }
}

}  // namespace majed::format
