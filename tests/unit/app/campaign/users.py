"""Users inside the container: the five verbs, and how a replacement gets them."""

from occ.operations.kinds.user import UserWish
from tests.unit.app.campaign.images import with_ann
from tests.unit.app.campaign.site import Site, table
from tests.unit.app.campaign.weather import Fault

ANN = UserWish(verb="add", user="ann")
BOB = UserWish(verb="add", user="bob", shell="/bin/sh", groups=("shadow",), uid=1234)
REMOVE, PASSWD = UserWish(verb="remove", user="ann"), UserWish(verb="passwd", user="ann")
DISABLE, ENABLE = UserWish(verb="disable", user="ann"), UserWish(verb="enable", user="ann")
DECLARED = 'users = ["ann", "carl"]\n'
RESET = 'users = { names = ["ann", "carl"], passwords = "reset" }\n'


def nobody_can_be_added(site: Site) -> None:
    site.user(ANN)
    site.publish("good", "1.0", tools=False)
    site.typed("start")
    site.user(ANN)
    site.user(UserWish(verb="add", user="root"))
    site.user(UserWish(verb="add", user="Not A Name"))
    site.publish("good", "1.1")
    site.typed("update")
    site.typed("stop")
    site.user(ANN)
    site.typed("start")


def added(site: Site) -> None:
    site.user(REMOVE)
    site.user(ANN, plan=True)
    site.user(ANN, answer=False)
    site.user(ANN, if_current=9)
    site.user(ANN, fault=Fault("exec", "refused"))
    site.user(ANN, fault=Fault("exec", "lost"))
    site.user(ANN)
    site.user(ANN)
    site.user(UserWish(verb="add", user="dora", uid=1000))
    site.user(UserWish(verb="add", user="dora", shell="/bin/fish"))
    site.user(UserWish(verb="add", user="dora", groups=("nosuch",)))
    site.user(BOB)


def a_password(site: Site) -> None:
    site.user(PASSWD, plan=True)
    site.user(PASSWD, fault=Fault("exec", "refused"))
    site.user(PASSWD, answer=False)
    site.user(PASSWD)


def locked_and_unlocked(site: Site) -> None:
    for wish in (DISABLE, ENABLE):
        site.user(wish, plan=True)
        site.user(wish, fault=Fault("exec", "refused"))
        site.user(wish)
        site.user(wish)
    site.user(UserWish(verb="disable", user="nobody"))


def a_replacement_has_them(site: Site) -> None:
    site.publish("good", "2.0")
    site.typed("update", plan=True)
    site.typed("update", fault=Fault("write_files", "refused"))
    site.typed("update")
    site.typed("rollback")
    site.typed("update")


def declared_in_the_config(site: Site) -> None:
    site.configure(table(more=DECLARED))
    site.typed("apply", plan=True)
    site.typed("apply")
    site.user(UserWish(verb="passwd", user="carl"))
    site.configure(table(more=RESET))
    site.publish("good", "2.1")
    site.typed("update")


def an_image_that_has_somebody_already(site: Site) -> None:
    site.have(with_ann("3.0"))
    site.typed("update")
    site.publish("clash", "3.1")
    site.typed("update")
    site.publish("bare", "3.2")
    site.typed("update")
    site.publish("good", "2.1")


def removed(site: Site) -> None:
    site.user(REMOVE, plan=True)
    site.user(REMOVE, answer=False)
    site.user(REMOVE, fault=Fault("exec", "refused"))
    site.user(PASSWD)
    site.typed("abort")
    site.user(REMOVE)
    site.user(ANN)


def broken_off(site: Site) -> None:
    site.user(REMOVE, fault=Fault("exec", "gone"))
    site.typed("resume")
    for at in (1, 2):
        site.user(ANN, fault=Fault("exec", "gone", at=at))
        site.typed("abort")
    site.user(ANN)
    site.user(DISABLE, fault=Fault("exec", "dies after"))
    site.typed("abandon")


def made_again_nobody_has_a_password(site: Site) -> None:
    site.engine.stop("web", 1_000)
    site.engine.remove("web")
    site.typed("repair")
    site.user(PASSWD)


def nothing_can_be_written(site: Site) -> None:
    site.configure(table(more='users = ["ann"]\nengine = { ReadonlyRootfs = true }\n'))
    site.typed("apply")
    site.user(PASSWD)


def no_table_of_its_own(site: Site) -> None:
    site.configure("")
    site.user(PASSWD)
    site.configure(table())
    site.typed("remove")


SCENES = (
    nobody_can_be_added,
    added,
    a_password,
    locked_and_unlocked,
    a_replacement_has_them,
    declared_in_the_config,
    an_image_that_has_somebody_already,
    removed,
    broken_off,
    made_again_nobody_has_a_password,
    nothing_can_be_written,
    no_table_of_its_own,
)
