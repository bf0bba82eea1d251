"""Talks to a running daemon and prints what the contract promises, the same in every language:
python transcript.py ADDRESS"""

import sys
import uuid

import grpc
from cantina.error.v1 import error_pb2
from cantina.event.v1 import event_pb2, event_pb2_grpc
from cantina.music.v1 import music_pb2, music_pb2_grpc
from cantina.system.v1 import system_pb2, system_pb2_grpc
from google.rpc import error_details_pb2, status_pb2


def details(error):
    """The standard details and ours of a failed call."""
    trailers = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    kinds = (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_pb2.CommandError)
    found = {}
    for detail in status.details:
        for kind in kinds:
            if detail.Is(kind.DESCRIPTOR):
                found[kind.__name__] = kind.FromString(detail.value)
    return found


def failure(call, request):
    try:
        call(request)
    except grpc.RpcError as error:
        return error.code().name, details(error)
    raise AssertionError("the call should have failed")


def snapshot(feed):
    """The names of the parts of the snapshot, which components may follow in any number."""
    parts = set()
    for frame in feed:
        kind = frame.WhichOneof("frame")
        if kind == "snapshot_part":
            parts.add(frame.snapshot_part.WhichOneof("part"))
        if kind == "snapshot_complete":
            return sorted(parts - {"component"})
    raise AssertionError("the feed ended within the snapshot")


def started(feed, request_id):
    """The first music.track_started that the request caused."""
    for frame in feed:
        for event in frame.events.events:
            if event.type == "music.track_started" and event.cause.request_id == request_id:
                return event
    raise AssertionError("the feed ended before the track started")


def words(value):
    return str(value).lower() if isinstance(value, bool) else value


def main(address):
    channel = grpc.insecure_channel(address)
    system = system_pb2_grpc.SystemServiceStub(channel)
    events = event_pb2_grpc.EventServiceStub(channel)
    music = music_pb2_grpc.MusicServiceStub(channel)
    state = lambda playback: music_pb2.PlaybackState.Name(playback.state).removeprefix("PLAYBACK_STATE_")

    status = system.GetStatus(system_pb2.GetStatusRequest()).status
    mode = system_pb2.Mode.Name(status.mode).removeprefix("MODE_")
    print(f"status: mode {mode}, stopped {words(status.stopped)}, api revision {status.api_revision}")

    feed = events.Watch(event_pb2.WatchRequest(filter=event_pb2.FeedFilter(types=["music.*"])), timeout=30)
    print("snapshot:", ", ".join(snapshot(feed)))

    listed = music.ListTracks(music_pb2.ListTracksRequest(order_by=music_pb2.TRACK_ORDER_TITLE))
    titles = ", ".join(track.title for track in listed.tracks)
    print(f"tracks: {len(listed.tracks)} of {listed.total_size}: {titles}")

    request = music_pb2.PlayRequest(request_id=str(uuid.uuid4()), track_id=listed.tracks[1].id)
    played = music.Play(request)
    print(f"play: {state(played.playback)} {played.playback.track.title}, replayed {words(played.commit.replayed)}")

    event = started(feed, request.request_id)
    within = "within" if event.sequence <= played.commit.sequence else "after"
    title = event.music_track_started.playback.track.title
    print(f"feed: {event.type} {title}, caused by the command, {within} its commit")

    paused = music.Pause(music_pb2.PauseRequest()).playback
    print(f"pause: {state(paused)} {paused.track.title}, rate {paused.position.rate:g}")

    code, found = failure(music.Play, music_pb2.PlayRequest(track_id="no-such-track"))
    info, ours = found["ErrorInfo"], found["CommandError"]
    print(f"unknown track: {code} {info.reason} from {ours.command}, retryable {words(ours.retryable)}")
    print(f"recovery: {ours.recovery}")

    code, found = failure(music.SetVolume, music_pb2.SetVolumeRequest(volume=2))
    violation = found["BadRequest"].field_violations[0]
    print(f"invalid volume: {code} {found['ErrorInfo'].reason}, {violation.field} breaks {violation.reason}")

    again = music.Play(request).commit
    same = again.sequence == played.commit.sequence
    print(f"repeated: replayed {words(again.replayed)}, same commit {words(same)}")

    code, found = failure(music.Play, music_pb2.PlayRequest(request_id=request.request_id))
    print(f"reused: {code} {found['ErrorInfo'].reason}")

    print(f"stop: {state(music.Stop(music_pb2.StopRequest()).playback)}")
    feed.cancel()


main(sys.argv[1])
