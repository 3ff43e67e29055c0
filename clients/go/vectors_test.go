// SPDX-License-Identifier: Apache-2.0

package inpaintd

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"
)

// vectors is docs/protocol-vectors.json.
type vectors struct {
	Subjects []struct{ Prefix, Priority, Subject string }
	Cancel   struct{ Prefix, Subject, ID, Message string }
	Requests []struct {
		Name    string
		Request struct {
			ID          string
			Image, Mask form
			TimeoutMs   int64 `json:"timeout_ms"`
			Progress    bool
			Options     *Options
		}
		Message string
	}
	WaitingFor string `json:"waiting_for"`
	Replies    []struct {
		Name, Message string
		Reply         map[string]any
	}
	BackOffs []struct {
		RetryAfterMs *int64 `json:"retry_after_ms"`
		Attempt      int
		Jitter       float64
		WaitMs       int64 `json:"wait_ms"`
	} `json:"back_offs"`
}

// form is a picture or a mask.
type form struct {
	File, Data, Bits *string
	W, H             int
	Rects            *[][4]int
	Object           *Object
}

func readVectors(t *testing.T) vectors {
	path := os.Getenv("INPAINTD_VECTORS")
	if path == "" {
		path = "../../docs/protocol-vectors.json"
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var read vectors
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func unhex(t *testing.T, text string) []byte {
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (f form) source(t *testing.T) any {
	switch {
	case f.File != nil:
		return unhex(t, *f.File)
	case f.Data != nil:
		return Raw{f.W, f.H, unhex(t, *f.Data)}
	case f.Bits != nil:
		return Bits{f.W, f.H, unhex(t, *f.Bits)}
	case f.Object != nil:
		return Stored{*f.Object}
	default:
		return Rects{*f.Rects}
	}
}

// The names of options in the vectors are those of the messages.
func (o *Options) UnmarshalJSON(text []byte) error {
	var read struct {
		Format, Region, Strategy, Background, Alpha string
		Result                                      *Object
		Quality, Dilate, Feather                    int
		MaskValues                                  string `json:"mask_values"`
		Lossless                                    *bool
	}
	err := json.Unmarshal(text, &read)
	*o = Options{Format: read.Format, Quality: read.Quality, Region: read.Region, Strategy: read.Strategy,
		Dilate: read.Dilate, Feather: read.Feather, MaskValues: read.MaskValues, Background: read.Background,
		Lossless: read.Lossless, Alpha: read.Alpha, Result: read.Result}
	return err
}

func TestRequests(t *testing.T) {
	for _, vector := range readVectors(t).Requests {
		r := vector.Request
		data, err := encode(requestMessage{r.ID, r.Image.source(t), r.Mask.source(t), r.TimeoutMs, r.Progress, r.Options})
		if err != nil || hex.EncodeToString(data) != vector.Message {
			t.Errorf("%s: %x, not %s (%v)", vector.Name, data, vector.Message, err)
		}
	}
}

// plain is a reply as the vectors describe it.
func plain(reply *replyMessage) map[string]any {
	if reply == nil {
		return nil
	}
	number := func(value int64) any { return float64(value) }
	switch reply.Status {
	case "done":
		region, notes := []any{}, []any{}
		for _, each := range reply.Region {
			region = append(region, number(int64(each)))
		}
		for _, note := range reply.Notes {
			notes = append(notes, map[string]any{"code": note.Code, "message": note.Message})
		}
		t := reply.Timings
		all := map[string]any{
			"status": "done", "format": reply.Format,
			"width": number(int64(reply.Width)), "height": number(int64(reply.Height)), "region": region,
			"timings_us": map[string]any{"decode": number(t.Decode), "queue": number(t.Queue), "infer": number(t.Infer),
				"encode": number(t.Encode), "total": number(t.Total)},
			"batch_size": number(int64(reply.BatchSize)), "device": reply.Device, "model": reply.Model,
			"cached": reply.Cached, "service": reply.Service, "notes": notes,
		}
		if reply.Result != nil {
			all["result"] = map[string]any{"bucket": reply.Result.Bucket, "name": reply.Result.Name}
		} else {
			all["image"] = hex.EncodeToString(reply.Image)
		}
		if reply.Exact != "" {
			all["exact"] = reply.Exact
		}
		return all
	case "error":
		failure := errorOf(reply.Error)
		var after any
		if failure.RetryAfter != nil {
			after = number(failure.RetryAfter.Milliseconds())
		}
		return map[string]any{"status": "error", "code": failure.Code, "message": failure.Message,
			"retryable": failure.Retryable, "retry_after_ms": after}
	case "queued":
		return map[string]any{"status": "queued", "position": number(int64(reply.Position)), "eta_ms": number(reply.EtaMs)}
	default:
		return map[string]any{"status": reply.Status, "batch_size": number(int64(reply.BatchSize)), "device": reply.Device}
	}
}

func TestReplies(t *testing.T) {
	all := readVectors(t)
	for _, vector := range all.Replies {
		read := plain(readReply(unhex(t, vector.Message), all.WaitingFor))
		if !reflect.DeepEqual(read, vector.Reply) {
			t.Errorf("%s: %v, not %v", vector.Name, read, vector.Reply)
		}
	}
}

func TestSubjectsAndCancel(t *testing.T) {
	all := readVectors(t)
	for _, vector := range all.Subjects {
		if subject := runSubject(vector.Prefix, vector.Priority); subject != vector.Subject {
			t.Errorf("%s, not %s", subject, vector.Subject)
		}
	}
	data, err := encode(cancelMessage{all.Cancel.ID})
	if err != nil || hex.EncodeToString(data) != all.Cancel.Message || cancelSubject(all.Cancel.Prefix) != all.Cancel.Subject {
		t.Errorf("%x (%v)", data, err)
	}
}

func TestBackOff(t *testing.T) {
	for _, vector := range readVectors(t).BackOffs {
		var after *time.Duration
		if vector.RetryAfterMs != nil {
			given := time.Duration(*vector.RetryAfterMs) * time.Millisecond
			after = &given
		}
		if wait := backOff(after, vector.Attempt, vector.Jitter).Milliseconds(); wait != vector.WaitMs {
			t.Errorf("%d ms, not %d ms", wait, vector.WaitMs)
		}
	}
}
