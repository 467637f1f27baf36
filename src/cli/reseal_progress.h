/// Tells on the terminal how far the walk through sealed texts is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/terminal.h"
#include "store/seal_walk.h"

namespace majed::cli {

/// In place, on the terminal's error stream; elsewhere nothing is written.
class ResealBar {
public:
    explicit ResealBar(Terminal& terminal) noexcept : terminal_(terminal) {}
    ResealBar(const ResealBar&) = delete;
    ResealBar& operator=(const ResealBar&) = delete;
    /// Clears the line.
    ~ResealBar();

    void show(const store::ResealProgress& progress);

private:
    Terminal& terminal_;
    bool shown_ = false;
};

}  // namespace majed::cli
