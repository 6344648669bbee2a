"""Calls a service, `call.py URL`, with the Python client that was generated from its OpenAPI document beside it."""

from __future__ import annotations

import json
import sys

from client import Client
from client.api.models import list_models
from client.api.predict import predict
from client.api.streams import list_streams
from client.api.wearers import calibrate_wearer, create_wearer, delete_wearer
from client.models import Calibration, DecoderOptions, NewWearer, PredictRequest, PredictResponse, Problem, StreamList

FRAME = [788.0, 780.0, 861.0, 862.0, 885.0, -17.9, -64.5, -62.0]


def main(url: str) -> None:
    """Print what the service answers, as the generated client understands it."""
    with Client(base_url=url) as client:
        answer = predict.sync(client=client, body=PredictRequest(windows=[[FRAME] * 80]))
        assert isinstance(answer, PredictResponse)
        streams = list_streams.sync(client=client)
        assert isinstance(streams, StreamList)
        models = list_models.sync(client=client)
        created = create_wearer.sync_detailed(client=client, body=NewWearer(wearer="ada"))
        again = create_wearer.sync(client=client, body=NewWearer(wearer="ada"))
        without = predict.sync(client=client, body=PredictRequest(windows=[[FRAME] * 80], wearer="ada"))
        options = Calibration(decoder=DecoderOptions(hold_s=0.4))
        too_early = calibrate_wearer.sync(wearer="ada", client=client, body=options)
        assert isinstance(again, Problem)
        assert isinstance(without, Problem)
        assert isinstance(too_early, Problem)
        deleted = delete_wearer.sync_detailed(wearer="ada", client=client)
        found = {
            "label": answer.predictions[0].label,
            "streams": len(streams.streams),
            "default": models.default,
            "created": int(created.status_code),
            "refused": [again.code, without.code, too_early.code],
            "deleted": int(deleted.status_code),
        }
    json.dump(found, sys.stdout)


main(sys.argv[1])
