// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/request.h"
#include "tools/inpaint_load/inputs.h"
#include "tools/inpaint_load/options.h"

namespace inpaintd::tools {

/// Makes the requests of a run. Everything but id and mask is encoded once for each picture, and those two are written
/// over in place: the generator shares the machine with the service and must not be what is measured.
///
/// What request `number` is like depends on the options alone: any attempt at it has the same bytes.
class RequestMaker {
 public:
  /// `pictures` as prepare_pictures returns them for the sides of `options.mix`.
  RequestMaker(const LoadOptions& options, std::vector<LoadPicture> pictures);

  [[nodiscard]] Choice choice(std::size_t number) const;
  [[nodiscard]] std::string id(std::size_t number) const;
  /// The encoded request; good until the next call of any non-const function.
  Bytes encode(std::size_t number, const Choice& choice);
  /// The largest request of the run: what the server carries of it, it carries of all.
  Bytes encode_largest();

  /// What was sent, to hold the answer against.
  [[nodiscard]] const LoadPicture& picture(const Choice& choice) const;
  [[nodiscard]] DrawnMask mask(const Choice& choice) const;

 private:
  /// An encoded request, and where in it the id and the mask's bits are.
  struct Frame {
    std::string bytes;
    std::size_t id_at = 0;
    std::size_t mask_at = 0;
  };

  [[nodiscard]] Frame make_frame(const ImageSource& image, Size mask_size) const;
  Frame& frame_for(const Choice& choice);
  Bytes fill(Frame& frame, std::size_t number, const DrawnMask* mask);

  const LoadOptions options_;
  const std::vector<LoadPicture> pictures_;
  const std::size_t pictures_per_side_;
  const std::string name_;
  std::vector<Frame> frames_;          // one for each picture
  std::vector<Frame> broken_;          // one for each side: bytes that are no picture
  std::vector<Frame> wrongly_masked_;  // one for each side: a mask of another size
};

}  // namespace inpaintd::tools
