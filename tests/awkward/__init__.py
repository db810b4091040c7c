"""Awkward models through the whole product, every answer compared with bare OpenVINO's."""
