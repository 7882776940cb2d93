"""An ultrasound unit on the package `pynetdicom`: for each study it is told of, it asks whether the
archive is there, stores two images, and asks for the study again, over one association.

Writes its own ledger, a line of JSON each. Refuses to call a study found that the archive names
otherwise, or more than once.

    modality.py NAME LEDGER HOST PORT
"""

import json
import sys
import time

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    UltrasoundImageStorage,
    Verification,
)

SUCCESS, PENDING = 0x0000, (0xFF00, 0xFF01)
IMAGES = 2
SIDE = 64


class Ledger:
    """What this end did."""

    def __init__(self, who, path):
        self.who, self.file, self.number = who, open(path, "a", encoding="utf-8"), 0

    def write(self, kind, key):
        self.number += 1
        entry = {
            "at": time.time_ns() // 1000,
            "number": self.number,
            "who": self.who,
            "with": "pacs",
            "kind": kind,
            "key": key,
        }
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()


def image(study, series, number):
    """A grey image of 64 by 64 pixels (PS3.3, A.6)."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = Dataset()
    data.file_meta = meta
    data.SOPClassUID = UltrasoundImageStorage
    data.SOPInstanceUID = generate_uid(prefix=None)
    data.StudyInstanceUID, data.SeriesInstanceUID = study, series
    data.PatientName, data.PatientID = "Mirabelle^Korbinian", "LAB-000420"
    data.PatientBirthDate = data.PatientSex = data.StudyDate = data.StudyTime = ""
    data.AccessionNumber = data.ReferringPhysicianName = data.StudyID = ""
    data.Modality, data.SeriesNumber, data.InstanceNumber = "US", 1, number
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows = data.Columns = SIDE
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    data.PixelData = bytes(SIDE * SIDE)
    return data


def is_success(status):
    """An empty status is an association that broke off, or an answer that never came."""
    return "Status" in status and status.Status == SUCCESS


def finds(association, study):
    query = Dataset()
    query.QueryRetrieveLevel, query.StudyInstanceUID = "STUDY", study
    query.NumberOfStudyRelatedInstances = None
    named, ended = [], False
    for status, identifier in association.send_c_find(
        query, StudyRootQueryRetrieveInformationModelFind
    ):
        if "Status" in status and status.Status in PENDING:
            named.append(identifier.StudyInstanceUID)
        ended = is_success(status)
    return ended and named == [study]


def work(ledger, entity, address, number):
    study, series = generate_uid(prefix=None), generate_uid(prefix=None)
    images = [image(study, series, count + 1) for count in range(IMAGES)]
    association = entity.associate(*address, ae_title="ORTHANC")
    open_ = association.is_established
    asked = open_ and is_success(association.send_c_echo())
    ledger.write("dicom.echoed" if asked else "dicom.echo-failed", "echo-%d" % number)
    for data in images:
        stored = association.is_established and is_success(association.send_c_store(data))
        ledger.write("dicom.stored" if stored else "dicom.store-failed", data.SOPInstanceUID)
    found = association.is_established and finds(association, study)
    ledger.write("dicom.found" if found else "dicom.find-failed", study)
    if association.is_established:
        association.release()


def main():
    name, path, host, port = sys.argv[1:]
    ledger, entity = Ledger(name, path), AE(ae_title="ECHO7")
    entity.add_requested_context(Verification)
    entity.add_requested_context(UltrasoundImageStorage, ExplicitVRLittleEndian)
    entity.add_requested_context(StudyRootQueryRetrieveInformationModelFind)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 8
    entity.connection_timeout = 8
    print("ready", flush=True)
    for number, _ in enumerate(sys.stdin, 1):
        work(ledger, entity, (host, int(port)), number)
        print("done", flush=True)


main()
