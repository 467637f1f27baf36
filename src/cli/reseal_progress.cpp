// SPDX-License-Identifier: Apache-2.0
#include "cli/reseal_progress.h"

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace majed::cli {
namespace {

constexpr std::string_view cleared = "\r\x1b[K";

}  // namespace

ResealBar::~ResealBar() {
    if (shown_) terminal_.err << cleared << std::flush;
}

void ResealBar::show(const store::ResealProgress& progress) {
    if (!terminal_.err_is_terminal) return;
    constexpr std::size_t width = 20;
    const auto& place = store::place_of(progress.column);
    const std::size_t filled =
        progress.total == 0 ? width : static_cast<std::size_t>(progress.done * width / progress.total);
    terminal_.err << cleared << place.table << '.' << place.column << " [" << std::string(filled, '#')
                  << std::string(width - filled, '.') << "] " << progress.done << '/' << progress.total
                  << std::flush;
    shown_ = true;
}

}  // namespace majed::cli
