"""A métropole and its conventions with two communes, before these become one, which is split again, and before the
métropole becomes another legal person (docs/conventions.md)."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

from convention_story import FRAME
from conventions import place

SHA = sha256("arrêté\n".encode()).hexdigest()
FOS = 'id: fos\nname: Fos-sur-Mer\ncategory: commune\nsiren: "211300397"\ninsee_code: "13039"\n'
RECORDS = {
    **{path: text for path, text in FRAME.items() if "/supports/" in path or "/use-cases/" in path},
    "smartreg.toml": 'name = "Berre"\nmetropole = "amp"\n[territory]\ncommunes = ["13047", "13039", "13056"]\n',
    "registry/parties/amp.yaml": 'id: amp\nname: Métropole\ncategory: metropole\nsiren: "200054807"\n',
    "registry/parties/istres.yaml": FRAME["registry/parties/istres.yaml"],
    "registry/parties/martigues.yaml": FRAME["registry/parties/martigues.yaml"],
    "registry/parties/fos.yaml": FOS,
    "registry/parties/annexes/arrete.pdf": "arrêté\n",
    **{
        f"registry/deliberations/{body}-2019.yaml": (
            f'id: {body}-2019\nnumber: 2019-1\nbody: {body}\ndate: "2019-02-14"\nsubject: Convention\n'
        )
        for body in ("amp", "istres", "fos")
    },
    **{
        f"registry/conventions/with-{id}.yaml": (
            f"id: with-{id}\ntitle: {id}\nparties: [amp, {id}]\nfamilies: [installation, connectivity, data]\n"
            f'status: signed\ndeliberations: [amp-2019, {id}-2019]\nsigned_on: "2019-03-01"\n'
            'effective_until: "2030-12-31"\n'
        )
        for id in ("istres", "fos")
    },
    "registry/supports/13039/fos-1.yaml": (
        'id: fos-1\ntype: street_light\nowner: fos\ninsee_code: "13039"\nstatus: in_service\n'
        "location: {lon: 4.94457, lat: 43.43771}\n"
    ),
    "registry/networks/lora.yaml": (
        "id: lora\nname: LoRa\ntechnology: lorawan\noperator: amp\naccess: shared\nshared_with: [istres, fos]\n"
        "status: in_service\nlorawan: {region: EU863-870}\n"
    ),
    **{
        f"registry/equipment/{id}.yaml": (
            f"id: {id}\ntype: sensor\nowner: {owner}\nuse_cases: [noise]\nstatus: active\nsupport: {support}\n"
            f'network: lora\ninstalled_on: "2019-04-12"\ndev_eui: "70B3D57ED006120{number}"\n'
        )
        for number, (id, owner, support) in enumerate(
            (("noise-1", "amp", "pole-1"), ("noise-2", "amp", "fos-1"), ("istres-1", "istres", "pole-2"))
        )
    },
    "registry/flows/levels.yaml": (
        "id: levels\ntitle: Levels\nproducer: amp\nconsumers: [istres, fos]\nequipment: [noise-1]\naccess: restricted\n"
        'personal_data: {involved: false}\nstatus: active\nstarted_on: "2019-05-01"\n'
    ),
}


def successor(party: str, number: int = 0) -> tuple[str, ...]:
    """The words for `set` by which the order of the prefect makes a party a successor."""
    said = {"party": party, "document": "annexes/arrete.pdf", "sha256": SHA}
    return tuple(f"successors[{number}].{name}={value}" for name, value in said.items())


def begin(root: Path) -> Path:
    """The registry before anybody ends."""
    for path, text in RECORDS.items():
        place(root, path, text)
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    identity = (("config", "user.name", "A"), ("config", "user.email", "a@amp.example.org"))
    for words in (*identity, ("add", "-A"), ("commit", "-qm", "by hand")):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root
