// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/request.h"
#include "tools/inpaint_load/inputs.h"
#include "tools/inpaint_load/options.h"

namespace inpaintd::tools {

/// The pictures of a run: photographs, or noise, `noise_pictures` of each side or one of each of the run's sizes.
/// Errors: as prepare_pictures.
Result<std::vector<LoadPicture>> pictures_for(const LoadOptions& options, int noise_pictures);

/// Makes the requests of a run. Each picture is encoded once; for a request, only id and mask are overwritten in place.
/// This keeps the generator cheap, as it shares the machine with the service that it measures.
///
/// The bytes of request `number` depend on the options alone, so that all its attempts are identical.
class RequestMaker {
 public:
  /// `pictures` as pictures_for returns them.
  RequestMaker(const LoadOptions& options, std::vector<LoadPicture> pictures);

  /// The properties of request `number`.
  [[nodiscard]] Choice choice(std::size_t number) const;
  /// The id of request `number`: unique to this object, with ten digits.
  [[nodiscard]] std::string id(std::size_t number) const;
  /// The encoded request; valid until the next call of a non-const function.
  Bytes encode(std::size_t number, const Choice& choice);
  /// The largest request of the run: a server that accepts its size accepts all the others.
  Bytes encode_largest();
  /// The id of the request that encode_largest() makes.
  [[nodiscard]] std::string probe_id() const;

  /// The picture that a request carries.
  [[nodiscard]] const LoadPicture& picture(const Choice& choice) const;
  /// The mask that a request carries, drawn again.
  [[nodiscard]] DrawnMask mask(const Choice& choice) const;

 private:
  /// An encoded request, and the offsets of its id and of its mask's bits in bytes.
  struct Frame {
    std::string bytes;
    std::size_t id_at = 0;
    std::size_t mask_at = 0;
  };

  [[nodiscard]] DrawnMask mask_of(const LoadPicture& picture, std::uint64_t seed) const;
  [[nodiscard]] Frame make_frame(const ImageSource& image, Size mask_size) const;
  Frame& frame_for(const Choice& choice);
  Bytes fill(Frame& frame, std::size_t number, const DrawnMask* mask);

  const LoadOptions options_;
  const std::vector<LoadPicture> pictures_;
  const std::size_t pictures_per_side_;
  const std::string name_;
  std::vector<Frame> frames_;          // one for each picture
  std::vector<Frame> broken_;          // one for each side: bytes that are not a picture
  std::vector<Frame> wrongly_masked_;  // one for each side: a mask of another size
};

}  // namespace inpaintd::tools
