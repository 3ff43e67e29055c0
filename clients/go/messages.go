// SPDX-License-Identifier: Apache-2.0

package inpaintd

import (
	"bytes"
	"math"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// Raw holds raw samples, row by row: 3 bytes for each pixel of a picture, 1 for each pixel of a mask.
type Raw struct {
	Width  int    `msgpack:"w"`
	Height int    `msgpack:"h"`
	Data   []byte `msgpack:"data"`
}

// Bits is a mask of one bit for each pixel, with rows padded to bytes, most significant bit first.
type Bits struct {
	Width  int    `msgpack:"w"`
	Height int    `msgpack:"h"`
	Bits   []byte `msgpack:"bits"`
}

// Rects is a mask of rectangles, each {x, y, width, height}.
type Rects struct {
	Rects [][4]int `msgpack:"rects"`
}

// Object is a place in the object store of NATS, for pictures that no message can hold.
type Object struct {
	Bucket string `msgpack:"bucket"`
	Name   string `msgpack:"name"`
}

// Stored is a picture or a mask in the object store.
type Stored struct {
	Object Object `msgpack:"object"`
}

// Options are the options of a request, as docs/protocol.md describes them. The service chooses for zero values.
type Options struct {
	Format     string  `msgpack:"format,omitempty"`
	Quality    int     `msgpack:"quality,omitempty"`
	Region     string  `msgpack:"region,omitempty"`
	Strategy   string  `msgpack:"strategy,omitempty"`
	Dilate     int     `msgpack:"dilate,omitempty"`
	Feather    int     `msgpack:"feather,omitempty"`
	MaskValues string  `msgpack:"mask_values,omitempty"`
	Background string  `msgpack:"background,omitempty"`
	Lossless   *bool   `msgpack:"lossless,omitempty"`
	Alpha      string  `msgpack:"alpha,omitempty"`
	Result     *Object `msgpack:"result,omitempty"` // where the picture is to be stored, instead of in the answer
}

// requestMessage is a request on the wire.
type requestMessage struct {
	ID        string   `msgpack:"id"`
	Image     any      `msgpack:"image"`
	Mask      any      `msgpack:"mask"`
	TimeoutMs int64    `msgpack:"timeout_ms,omitempty"`
	Progress  bool     `msgpack:"progress,omitempty"`
	Options   *Options `msgpack:"options,omitempty"`
}

type cancelMessage struct {
	ID string `msgpack:"id"`
}

// replyMessage has the keys of all replies. Others are ignored, because newer services may send more.
type replyMessage struct {
	ID        string         `msgpack:"id"`
	Status    string         `msgpack:"status"`
	Error     *errorMessage  `msgpack:"error"`
	Position  int            `msgpack:"position"`
	EtaMs     int64          `msgpack:"eta_ms"`
	Image     []byte         `msgpack:"image"`
	Format    string         `msgpack:"format"`
	Width     int            `msgpack:"width"`
	Height    int            `msgpack:"height"`
	Region    [4]int         `msgpack:"region"`
	Timings   timingsMessage `msgpack:"timings_us"`
	BatchSize int            `msgpack:"batch_size"`
	Device    string         `msgpack:"device"`
	Model     string         `msgpack:"model"`
	Cached    bool           `msgpack:"cached"`
	Service   string         `msgpack:"service"`
	Result    *Object        `msgpack:"result"`
	Exact     string         `msgpack:"exact"`
	Notes     []Note         `msgpack:"notes"`
}

type timingsMessage struct {
	Decode int64 `msgpack:"decode"`
	Queue  int64 `msgpack:"queue"`
	Infer  int64 `msgpack:"infer"`
	Encode int64 `msgpack:"encode"`
	Total  int64 `msgpack:"total"`
}

type errorMessage struct {
	Code         string `msgpack:"code"`
	Message      string `msgpack:"message"`
	Retryable    bool   `msgpack:"retryable"`
	RetryAfterMs *int64 `msgpack:"retry_after_ms"`
}

func encode(message any) ([]byte, error) {
	var out bytes.Buffer
	encoder := msgpack.NewEncoder(&out)
	encoder.UseCompactInts(true)
	err := encoder.Encode(message)
	return out.Bytes(), err
}

// readReply returns the reply in a message, or nil when the message is not about the request id: others, such as a
// stream that keeps the requests, may send to an inbox as well.
func readReply(data []byte, id string) *replyMessage {
	var keys map[string]msgpack.RawMessage
	if msgpack.Unmarshal(data, &keys) != nil {
		return nil
	}
	var reply replyMessage
	if msgpack.Unmarshal(data, &reply) != nil || keys["id"] == nil {
		return nil
	}
	refused := reply.ID == "" && reply.Status == "error" // the request's id was not readable
	if reply.ID != id && !refused {
		return nil
	}
	return &reply
}

func runSubject(prefix, priority string) string {
	if priority == "" || priority == "normal" {
		return prefix + ".v1.run"
	}
	return prefix + ".v1.run." + priority
}

func cancelSubject(prefix string) string { return prefix + ".v1.cancel" }

// backOff is the wait after attempt number attempt (from 0). jitter (0 to 1) adds up to a quarter.
func backOff(retryAfter *time.Duration, attempt int, jitter float64) time.Duration {
	wait := 200 * time.Millisecond << min(attempt, 5)
	if retryAfter != nil {
		wait = *retryAfter
	}
	return time.Duration(math.Round(float64(wait) * (1 + jitter/4)))
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}
