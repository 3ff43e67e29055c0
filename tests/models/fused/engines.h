// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

#include "models/check/sample_pictures.h"
#include "models/inpainter.h"

namespace inpaintd::test {

/// The engine. Fails the test when it could not be made.
inline std::unique_ptr<Inpainter> must(Result<std::unique_ptr<Inpainter>, EngineFailure> made) {
  REQUIRE_MESSAGE(made, made.error().message);
  return *std::move(made);
}

/// The predictions of a batch. Fails the test when the batch fails.
inline std::vector<Pixels> answers(Inpainter& engine, const std::vector<NetworkInput>& batch) {
  auto run = engine.run(batch);
  REQUIRE_MESSAGE(run, run.error().message);
  return *std::move(run);
}

inline std::vector<Pixels> answers(Inpainter& engine, const SamplePictures& pictures) {
  return answers(engine, pictures.batch());
}

}  // namespace inpaintd::test
