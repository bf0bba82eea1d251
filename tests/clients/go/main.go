// Talks to a running daemon and prints what the contract promises, the same in every language:
// transcript ADDRESS
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	errorv1 "cantina.test/transcript/gen/cantina/error/v1"
	eventv1 "cantina.test/transcript/gen/cantina/event/v1"
	musicv1 "cantina.test/transcript/gen/cantina/music/v1"
	systemv1 "cantina.test/transcript/gen/cantina/system/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// The names of the codes that the transcript meets, as the gRPC specification writes them.
var codeNames = map[codes.Code]string{codes.NotFound: "NOT_FOUND", codes.InvalidArgument: "INVALID_ARGUMENT"}

type feed = grpc.ServerStreamingClient[eventv1.WatchResponse]

// Holds the details of a failed call.
type failed struct {
	code      string
	info      *errdetails.ErrorInfo
	ours      *errorv1.CommandError
	violation *errdetails.BadRequest_FieldViolation
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func failure[T any](_ T, err error) failed {
	result := failed{code: codeNames[status.Code(err)]}
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			result.info = detail
		case *errdetails.BadRequest:
			result.violation = detail.GetFieldViolations()[0]
		case *errorv1.CommandError:
			result.ours = detail
		}
	}
	return result
}

// The names of the parts of the snapshot, which components may follow in any number.
func snapshot(frames feed) []string {
	parts := map[string]bool{}
	for {
		frame := must(frames.Recv())
		if part := frame.GetSnapshotPart(); part != nil {
			message := part.ProtoReflect()
			field := message.WhichOneof(message.Descriptor().Oneofs().ByName("part"))
			parts[string(field.Name())] = true
		}
		if frame.GetSnapshotComplete() != nil {
			break
		}
	}
	delete(parts, "component")
	names := make([]string, 0, len(parts))
	for name := range parts {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// The first music.track_started that the request caused.
func started(frames feed, requestID string) *eventv1.Event {
	for {
		for _, event := range must(frames.Recv()).GetEvents().GetEvents() {
			if event.GetType() == "music.track_started" && event.GetCause().GetRequestId() == requestID {
				return event
			}
		}
	}
}

func state(playback *musicv1.Playback) string {
	return strings.TrimPrefix(playback.GetState().String(), "PLAYBACK_STATE_")
}

func uuid() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func main() {
	connection := must(grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials())))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	system := systemv1.NewSystemServiceClient(connection)
	events := eventv1.NewEventServiceClient(connection)
	music := musicv1.NewMusicServiceClient(connection)

	device := must(system.GetStatus(ctx, &systemv1.GetStatusRequest{})).GetStatus()
	mode := strings.TrimPrefix(device.GetMode().String(), "MODE_")
	fmt.Printf("status: mode %s, stopped %t, api revision %d\n", mode, device.GetStopped(), device.GetApiRevision())

	filter := &eventv1.FeedFilter{Types: []string{"music.*"}}
	frames := must(events.Watch(ctx, &eventv1.WatchRequest{Filter: filter}))
	fmt.Printf("snapshot: %s\n", strings.Join(snapshot(frames), ", "))

	listed := must(music.ListTracks(ctx, &musicv1.ListTracksRequest{OrderBy: musicv1.TrackOrder_TRACK_ORDER_TITLE}))
	titles := make([]string, 0, len(listed.GetTracks()))
	for _, track := range listed.GetTracks() {
		titles = append(titles, track.GetTitle())
	}
	fmt.Printf("tracks: %d of %d: %s\n", len(titles), listed.GetTotalSize(), strings.Join(titles, ", "))

	target := &musicv1.PlayRequest_TrackId{TrackId: listed.GetTracks()[1].GetId()}
	request := &musicv1.PlayRequest{RequestId: uuid(), Target: target}
	played := must(music.Play(ctx, request))
	title := played.GetPlayback().GetTrack().GetTitle()
	fmt.Printf("play: %s %s, replayed %t\n", state(played.GetPlayback()), title, played.GetCommit().GetReplayed())

	event := started(frames, request.GetRequestId())
	within := "after"
	if event.GetSequence() <= played.GetCommit().GetSequence() {
		within = "within"
	}
	title = event.GetMusicTrackStarted().GetPlayback().GetTrack().GetTitle()
	fmt.Printf("feed: %s %s, caused by the command, %s its commit\n", event.GetType(), title, within)

	paused := must(music.Pause(ctx, &musicv1.PauseRequest{})).GetPlayback()
	fmt.Printf("pause: %s %s, rate %g\n", state(paused), paused.GetTrack().GetTitle(), paused.GetPosition().GetRate())

	nowhere := &musicv1.PlayRequest_TrackId{TrackId: "no-such-track"}
	unknown := failure(music.Play(ctx, &musicv1.PlayRequest{Target: nowhere}))
	fmt.Printf("unknown track: %s %s from %s, retryable %t\n",
		unknown.code, unknown.info.GetReason(), unknown.ours.GetCommand(), unknown.ours.GetRetryable())
	fmt.Printf("recovery: %s\n", unknown.ours.GetRecovery())

	loud := failure(music.SetVolume(ctx, &musicv1.SetVolumeRequest{Volume: 2}))
	fmt.Printf("invalid volume: %s %s, %s breaks %s\n",
		loud.code, loud.info.GetReason(), loud.violation.GetField(), loud.violation.GetReason())

	again := must(music.Play(ctx, request)).GetCommit()
	same := again.GetSequence() == played.GetCommit().GetSequence()
	fmt.Printf("repeated: replayed %t, same commit %t\n", again.GetReplayed(), same)

	reused := failure(music.Play(ctx, &musicv1.PlayRequest{RequestId: request.GetRequestId()}))
	fmt.Printf("reused: %s %s\n", reused.code, reused.info.GetReason())

	fmt.Printf("stop: %s\n", state(must(music.Stop(ctx, &musicv1.StopRequest{})).GetPlayback()))
}
