// SPDX-License-Identifier: Apache-2.0
#include "models/batch.h"

#include <doctest/doctest.h>

#include <vector>

namespace inpaintd {

TEST_CASE("a batch is refused with the index of the first impossible input and the reason") {
  const Pixels image(24, 16, 3), mask(24, 16, 1), grey(24, 16, 1), other_mask(16, 24, 1);
  const Pixels odd(28, 16, 3), odd_mask(28, 16, 1), tiny(8, 16, 3), tiny_mask(8, 16, 1), tall(16, 24, 3),
      tall_mask(16, 24, 1);
  struct Case {
    NetworkInput second;
    const char* message;  // null: valid
  };
  const NetworkInput good{&image, &mask, {}};
  for (const Case& c : {
           Case{good, nullptr},
           Case{{nullptr, &mask}, "input 1 of the batch: an image or a mask is missing"},
           Case{{&image, nullptr}, "input 1 of the batch: an image or a mask is missing"},
           Case{{&grey, &mask}, "input 1 of the batch: the image must have 3 channels and the mask 1"},
           Case{{&image, &image}, "input 1 of the batch: the image must have 3 channels and the mask 1"},
           Case{{&image, &other_mask}, "input 1 of the batch: the mask is 16x24, the image 24x16"},
           Case{{&odd, &odd_mask},
                "input 1 of the batch: the size is 28x16; both sides must be multiples of 8 and at least 16"},
           Case{{&tiny, &tiny_mask},
                "input 1 of the batch: the size is 8x16; both sides must be multiples of 8 and at least 16"},
           Case{{&image, &mask, {0, 0, 24, 16}}, nullptr},
           Case{{&image, &mask, {23, 15, 1, 1}}, nullptr},
           Case{{&image, &mask, {0, 0, 25, 16}}, "input 1 of the batch: the needed part reaches beyond the prediction"},
           Case{{&image, &mask, {0, -1, 4, 4}}, "input 1 of the batch: the needed part reaches beyond the prediction"},
           Case{{&tall, &tall_mask}, "input 1 of the batch: the size is 16x24, that of the batch 24x16"},
       }) {
    const auto problem = check_batch(std::vector{good, c.second});
    REQUIRE(problem.has_value() == (c.message != nullptr));
    if (problem) CHECK(problem->message == c.message);
  }
  CHECK_FALSE(check_batch({}));
}

TEST_CASE("0 threads means all cores that this process may use, at least one") {
  CHECK(thread_count(3) == 3);
  CHECK(thread_count(0) >= 1);
}

}  // namespace inpaintd
