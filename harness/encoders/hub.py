"""The model hub: checkpoints that come from it, and folders that go there."""

from collections.abc import Callable, Collection
from pathlib import Path

from data.errors import UserError, near

_FILES = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model"]


def from_hub(name: str, *, built_in: Collection[str] = ()) -> Path:
    """The folder in the local cache that holds a model of the hub, named by its commit.

    `built_in`: names that need no hub; messages of errors offer them. UserError where the hub
    cannot be reached, or has no such model.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    download: Callable[..., str] = snapshot_download
    others = " or ".join(built_in)
    instead = f"use --backbone {others} or a local folder" if built_in else "use a local folder"
    hint = near(name, list(built_in))
    try:
        return Path(download(name, allow_patterns=_FILES))
    except (LocalEntryNotFoundError, OSError) as error:
        if isinstance(error, HfHubHTTPError) and not isinstance(error, LocalEntryNotFoundError):
            raise UserError(
                f"the model hub has no readable model {name!r}; {hint}check the name, or {instead}"
            ) from error
        raise UserError(
            f"cannot reach the model hub for {name!r} and it is not in the local cache; {hint}"
            f"connect, or {instead}"
        ) from error
    except HFValidationError as error:
        neither = f"neither {others}, nor a folder," if built_in else "neither a folder"
        raise UserError(f"unknown backbone {name!r}: {neither} nor a hub name") from error


def to_hub(folder: Path, name: str, *, private: bool) -> str:
    """Upload a folder as one commit; its address.

    `name`: owner and repository; it is made where it is missing. `private`: whether a new
    repository is. UserError where the hub cannot be reached, does not know the caller, or refuses.
    """
    import httpx
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError

    api = HfApi()
    try:
        api.create_repo(name, private=private, exist_ok=True)
        return str(api.upload_folder(repo_id=name, folder_path=folder))
    except (OSError, HFValidationError, httpx.HTTPError) as error:
        said = " ".join(str(error).split())
        raise UserError(
            f"the model hub did not take {name!r} ({said}); check name and network, and sign in "
            "with `hf auth login`"
        ) from error
