// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What every engine requires of its inputs. The header has constants only, so that CUDA code can include it.
namespace inpaintd {

inline constexpr int network_side_multiple = 8;
inline constexpr int network_side_min = 16;  ///< the deepest maps are 1/8 as large, and are padded by reflection
/// Windows are padded to at least this side, so that small pictures are run at few sizes and share batches.
inline constexpr int window_side_min = 64;
inline constexpr int hole_above = 127;  ///< a larger sample of a mask marks a pixel that is to be filled

}  // namespace inpaintd
