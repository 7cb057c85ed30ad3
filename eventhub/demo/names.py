"""Invented organisations and people in the scripts of the region. None of them exists; likeness is chance.

Each person's name is put together from parts of one country, so that 250 people need no list of 250 names.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Naming:
    """How names of one country are made: pairs of (as written, in Latin letters), and which part comes first."""

    language: str
    families: tuple[tuple[str, str], ...]
    givens: tuple[tuple[str, str], ...]
    family_first: bool = False
    joint: str = " "  # between the two parts in the own script

    @property
    def many(self) -> int:
        """How many different people there are."""
        return len(self.givens) * (len(self.families) or 1)

    def person(self, n: int) -> tuple[str, str, str]:
        """The n-th person: full name as written, Latin name, what to call them."""
        turn, place = divmod(n, len(self.givens))
        given = self.givens[place]
        if not self.families:  # a mononym, or a name that is not made of a family's and one's own
            return given[0], given[1], given[0]
        family = self.families[(place + turn) % len(self.families)]  # every pair once before any comes again
        parts = (family, given) if self.family_first else (given, family)
        return self.joint.join(p[0] for p in parts), " ".join(p[1] for p in parts), given[0]


def _same(*words: str) -> tuple[tuple[str, str], ...]:
    return tuple((word, word) for word in words)


NAMINGS: dict[str, Naming] = {
    "KH": Naming(
        "km",
        (("សុខ", "Sok"), ("ចាន់", "Chan"), ("លី", "Ly"), ("ហេង", "Heng"), ("កែវ", "Keo")),
        (
            ("សុភា", "Sophea"),
            ("ដារ៉ា", "Dara"),
            ("ចន្ថា", "Chantha"),
            ("វណ្ណា", "Vanna"),
            ("រតនា", "Ratana"),
            ("ស្រីមុំ", "Sreymom"),
            ("ពិសិដ្ឋ", "Piseth"),
            ("បុប្ផា", "Bopha"),
        ),
        family_first=True,
    ),
    "TH": Naming(
        "th",
        (("ใจดี", "Chaidi"), ("ศรีสุข", "Srisuk"), ("วงศ์ทอง", "Wongthong"), ("แสงจันทร์", "Saengchan")),
        (
            ("สมชาย", "Somchai"),
            ("มาลี", "Malee"),
            ("กนกวรรณ", "Kanokwan"),
            ("ณัฐพล", "Natthapon"),
            ("อรุณ", "Arun"),
            ("พิมพ์ใจ", "Phimchai"),
            ("ธิดา", "Thida"),
        ),
    ),
    "LA": Naming(
        "lo",
        (("ພົມມະວົງ", "Phommavong"), ("ສີສະຫວາດ", "Sisavat"), ("ແກ້ວມະນີ", "Keomany")),
        (("ບຸນມີ", "Bounmy"), ("ນາງນ້ອຍ", "Nangnoi"), ("ຄຳແພງ", "Khampheng"), ("ດາວອນ", "Davone"), ("ສົມພອນ", "Somphone")),
    ),
    "VN": Naming(
        "vi",
        _same("Nguyễn", "Trần", "Lê", "Phạm", "Đặng"),
        _same("Thị Hồng Nhung", "Văn Đức", "Minh Ánh", "Quốc Bảo", "Thu Hương", "Hữu Phước", "Ngọc Uyển"),
        family_first=True,
    ),
    "MM": Naming(
        "my",
        (),
        (
            ("အောင်မြင့်", "Aung Myint"),
            ("ခင်မြတ်သူ", "Khin Myat Thu"),
            ("သီရိနွယ်", "Thiri Nwe"),
            ("ကျော်စွာ", "Kyaw Swar"),
            ("နန်းမွန်", "Nan Mon"),
            ("မျိုးသန့်", "Myo Thant"),
            ("ဝေယံ", "Wai Yan"),
            ("ဆုမြတ်နိုး", "Su Myat Noe"),
            ("ဇော်လင်း", "Zaw Lin"),
            ("အေးအေးခိုင်", "Aye Aye Khaing"),
            ("ထွန်းနိုင်", "Tun Naing"),
            ("မေသူ", "May Thu"),
        ),
    ),
    "MY": Naming(
        "ms",
        (),
        _same(
            "Nur Aisyah binti Yusof",
            "Hafiz bin Rahman",
            "Kavitha a/p Selvam",
            "Tan Mei Ling",
            "Farid bin Osman",
            "Siti Zaleha binti Daud",
            "Lim Wei Jie",
            "Jenifer anak Nyaring",
        ),
    ),
    "ID": Naming(
        "id",
        (),
        _same(
            "Wulandari",
            "Sutrisno",
            "Ayu Lestari",
            "Bambang",
            "Dewi Anggraini",
            "Kusnadi",
            "Ratih",
            "Yohanes Tabuni",
            "Made Suarta",
            "Fitriani",
            "Hendra",
            "Maria Goreti",
        ),
    ),
    "PH": Naming(
        "fil",
        _same("Dimaculangan", "Santos", "Macaraeg", "Reyes", "Ibañez"),
        _same("Maria Luz", "Jose Niño", "Analyn", "Rodel", "Imelda", "Crispin", "Ligaya", "Ferdie"),
    ),
    "TL": Naming(
        "tet", _same("da Costa", "Soares", "Guterres"), _same("Domingas", "Zezinho", "Filomena", "Agapito", "Lurdes")
    ),
    "JP": Naming(
        "ja",
        (("佐々木", "Sasaki"), ("高橋", "Takahashi"), ("渡邊", "Watanabe"), ("小林", "Kobayashi")),
        (
            ("さくら", "Sakura"),
            ("健太", "Kenta"),
            ("美穂", "Miho"),
            ("翔", "Shō"),
            ("由紀子", "Yukiko"),
            ("大輔", "Daisuke"),
        ),
        family_first=True,
    ),
    "KR": Naming(
        "ko",
        (("김", "Kim"), ("이", "Lee"), ("박", "Park"), ("최", "Choi")),
        (("민지", "Min-ji"), ("서준", "Seo-jun"), ("하늘", "Ha-neul"), ("지훈", "Ji-hoon"), ("은영", "Eun-young")),
        family_first=True,
        joint="",
    ),
    "TW": Naming(
        "zh_Hant",
        (("陳", "Chen"), ("林", "Lin"), ("蔡", "Tsai"), ("鄭", "Cheng")),
        (("怡君", "Yi-chun"), ("志豪", "Chih-hao"), ("雅婷", "Ya-ting"), ("冠宇", "Kuan-yu")),
        family_first=True,
        joint="",
    ),
    "HK": Naming(
        "zh_Hant",
        (("黃", "Wong"), ("梁", "Leung"), ("鍾", "Chung")),
        (("嘉欣", "Ka Yan"), ("子軒", "Tsz Hin"), ("詠詩", "Wing Sze")),
        family_first=True,
        joint="",
    ),
    "MN": Naming(
        "mn",
        (("Батын", "Batyn"), ("Доржийн", "Dorjiin"), ("Ганболдын", "Ganboldyn")),
        (("Оюунчимэг", "Oyunchimeg"), ("Тэмүүлэн", "Temüülen"), ("Сарангэрэл", "Sarangerel"), ("Энхжин", "Enkhjin")),
        family_first=True,
    ),
    "IN": Naming(
        "hi",
        (("शर्मा", "Sharma"), ("कुमारी", "Kumari"), ("मिश्रा", "Mishra"), ("सिंह", "Singh")),
        (
            ("श्रीदेवी", "Shridevi"),
            ("राजेश", "Rajesh"),
            ("प्रियंका", "Priyanka"),
            ("अर्जुन", "Arjun"),
            ("लक्ष्मी", "Lakshmi"),
            ("विक्रम", "Vikram"),
        ),
    ),
    "NP": Naming(
        "ne",
        (("तामाङ", "Tamang"), ("श्रेष्ठ", "Shrestha"), ("गुरुङ", "Gurung"), ("विश्वकर्मा", "Bishwakarma")),
        (("सुनिता", "Sunita"), ("कृष्ण", "Krishna"), ("पासाङ", "Pasang"), ("निर्मला", "Nirmala"), ("दीपक", "Deepak")),
    ),
    "BD": Naming(
        "bn",
        (("রহমান", "Rahman"), ("চক্রবর্তী", "Chakraborty"), ("আক্তার", "Akter"), ("হোসেন", "Hossain")),
        (("নুসরাত", "Nusrat"), ("কামাল", "Kamal"), ("শ্রাবণী", "Shraboni"), ("তানভীর", "Tanvir"), ("রোকেয়া", "Rokeya")),
    ),
    "LK": Naming(
        "si",
        (("පෙරේරා", "Perera"), ("ජයසූරිය", "Jayasuriya"), ("සිල්වා", "Silva")),
        (("ශ්‍රියානි", "Shriyani"), ("නුවන්", "Nuwan"), ("දිල්හානි", "Dilhani"), ("කසුන්", "Kasun")),
    ),
    "LK-ta": Naming(
        "ta",
        (),
        (
            ("நீலா செல்வராஜ்", "Neela Selvaraj"),
            ("ஸ்ரீகாந்த்", "Srikanth"),
            ("கலைச்செல்வி", "Kalaiselvi"),
            ("யோகேஸ்வரன்", "Yogeswaran"),
        ),
    ),
    "PK": Naming(
        "ur",
        (("خان", "Khan"), ("بلوچ", "Baloch"), ("اعوان", "Awan")),
        (("زینب", "Zainab"), ("عمران", "Imran"), ("گلناز", "Gulnaz"), ("فہد", "Fahad"), ("ثریا", "Surayya")),
    ),
    "AF": Naming(
        "fa_AF",
        (("رحیمی", "Rahimi"), ("نوری", "Noori"), ("احمدزی", "Ahmadzai")),
        (("فرشته", "Fereshta"), ("ضیا", "Zia"), ("شکیلا", "Shakila"), ("پرویز", "Parwez")),
    ),
    "BT": Naming(
        "dz",
        (),
        (
            ("བསོད་ནམས་ལྷ་མོ", "Sonam Lhamo"),
            ("ཀརྨ་རྡོ་རྗེ", "Karma Dorji"),
            ("པདྨ་ཚེ་རིང", "Pema Tshering"),
            ("དབང་ཕྱུག", "Wangchuk"),
            ("ཚེ་རིང་སྒྲོལ་མ", "Tshering Dolma"),
            ("བཀྲ་ཤིས", "Tashi"),
            ("ཨོ་རྒྱན", "Ugyen"),
            ("བདེ་ཆེན", "Dechen"),
        ),
    ),
    "MV": Naming(
        "dv",
        (),
        (
            ("އައިޝަތު ނާޒިމާ", "Aishath Nazima"),
            ("އިބްރާހީމް ޝިޔާމް", "Ibrahim Shiyam"),
            ("މަރިޔަމް ލިޔުޝާ", "Mariyam Liusha"),
            ("ޢަލީ ރަޝީދު", "Ali Rasheed"),
            ("ފާޠިމަތު ޝިފާ", "Fathimath Shifa"),
            ("ޙަސަން ޒަރީރު", "Hassan Zareer"),
        ),
    ),
}

# code, name of the sector, in the order in which the pages show them
SECTORS = (
    ("coalition", "Child rights coalitions and networks"),
    ("child_led", "Child- and youth-led groups"),
    ("environment", "Environmental groups"),
    ("research", "Research institutions"),
    ("human_rights", "Human rights bodies"),
    ("private", "Private sector"),
)

# name, country, sector, another name with its language
ORGANISATIONS: tuple[tuple[str, str, str, str, str], ...] = (
    ("Lotus Child Rights Network (Cambodia)", "KH", "coalition", "បណ្តាញសិទ្ធិកុមារផ្កាឈូក", "km"),
    ("Tonle Youth Voices", "KH", "child_led", "សំឡេងយុវជនទន្លេ", "km"),
    ("Mangrove Keepers Cambodia", "KH", "environment", "", ""),
    ("Angkor Institute for Childhood Studies", "KH", "research", "", ""),
    ("Ratchaphruek Coalition on the Rights of the Child", "TH", "coalition", "เครือข่ายสิทธิเด็กราชพฤกษ์", "th"),
    ("Chao Phraya River Watch", "TH", "environment", "", ""),
    ("Siam Centre for Child Protection Research", "TH", "research", "ศูนย์วิจัยคุ้มครองเด็กสยาม", "th"),
    ("Champa Children's Network", "LA", "coalition", "ເຄືອຂ່າຍເດັກດອກຈຳປາ", "lo"),
    ("Mekong Schools Exchange", "LA", "child_led", "", ""),
    ("Hoa Súng Network for Children", "VN", "coalition", "Mạng lưới Hoa Súng vì Trẻ em", "vi"),
    ("Red River Environmental Youth", "VN", "environment", "", ""),
    ("Hanoi Observatory of Childhood", "VN", "research", "", ""),
    ("Padauk Child Rights Working Group", "MM", "coalition", "ပိတောက် ကလေးအခွင့်အရေး အဖွဲ့", "my"),
    ("Irrawaddy Children's Circle", "MM", "child_led", "", ""),
    ("Bunga Raya Child Rights Coalition", "MY", "coalition", "Gabungan Hak Kanak-Kanak Bunga Raya", "ms"),
    ("Borneo Forest Childhoods", "MY", "environment", "", ""),
    ("Klang Valley Responsible Business Forum", "MY", "private", "", ""),
    ("Melati Network for Child Rights", "ID", "coalition", "Jaringan Melati untuk Hak Anak", "id"),
    ("Anak Laut Youth Assembly", "ID", "child_led", "", ""),
    ("Nusantara Reef and Shore", "ID", "environment", "", ""),
    ("Java Centre for Family and Child Research", "ID", "research", "", ""),
    ("Sampaguita Child Rights Coalition", "PH", "coalition", "Koalisyong Sampaguita", "fil"),
    ("Bayanihan Youth Council", "PH", "child_led", "", ""),
    ("Visayas Coral Defenders", "PH", "environment", "", ""),
    ("Luzon Institute of Child and Society", "PH", "research", "", ""),
    ("Pasig Bay Shipping Employers", "PH", "private", "", ""),
    ("Tais Network for Children", "TL", "coalition", "Rede Tais ba Labarik", "tet"),
    ("Atauro Young Fishers", "TL", "child_led", "", ""),
    ("Momiji Centre for Children's Rights", "JP", "coalition", "もみじ子どもの権利センター", "ja"),
    ("Seto Inland Sea Research Group", "JP", "research", "瀬戸内研究会", "ja"),
    ("Children and Climate Kansai", "JP", "environment", "", ""),
    ("Mugunghwa Network for Children", "KR", "coalition", "무궁화 아동네트워크", "ko"),
    ("Han River Institute for Childhood", "KR", "research", "한강아동연구소", "ko"),
    ("Plum Blossom Alliance for Children", "TW", "coalition", "梅花兒童聯盟", "zh_Hant"),
    ("Taiwan Strait Clean Air Families", "TW", "environment", "", ""),
    ("Bauhinia Child Rights Forum", "HK", "coalition", "紫荊兒童權利論壇", "zh_Hant"),
    ("Victoria Harbour Lawyers for Children", "HK", "human_rights", "", ""),
    ("Steppe Children's Coalition", "MN", "coalition", "Талын хүүхдийн эвсэл", "mn"),
    ("Gobi Youth Weather Watch", "MN", "environment", "", ""),
    ("Banyan National Coalition for Child Rights", "IN", "coalition", "बरगद बाल अधिकार गठबंधन", "hi"),
    ("Deccan Children's Parliament", "IN", "child_led", "", ""),
    ("Ganga Plain Institute of Childhood", "IN", "research", "", ""),
    ("Neem Tree Climate Schools", "IN", "environment", "", ""),
    ("Rhododendron Child Network", "NP", "coalition", "लालीगुराँस बाल सञ्जाल", "ne"),
    ("Himal Youth Clubs Federation", "NP", "child_led", "", ""),
    ("Shapla Child Rights Forum", "BD", "coalition", "শাপলা শিশু অধিকার ফোরাম", "bn"),
    ("Delta Climate and Children", "BD", "environment", "", ""),
    ("Dhaka Bay Centre for Child Labour Research", "BD", "research", "", ""),
    ("Garment Fair Work Partnership", "BD", "private", "", ""),
    ("Nil Manel Children's Alliance", "LK", "coalition", "නිල් මානෙල් ළමා සන්ධානය", "si"),
    ("Palmyra Child Protection Circle", "LK", "human_rights", "பனை சிறுவர் பாதுகாப்பு வட்டம்", "ta"),
    ("Chambeli Child Rights Movement", "PK", "coalition", "چنبیلی تحریک برائے حقوقِ اطفال", "ur"),
    ("Indus Girls' Assembly", "PK", "child_led", "", ""),
    ("Karakoram Water and Children", "PK", "environment", "", ""),
    ("Lala Network for Children", "AF", "coalition", "شبکه لاله برای کودکان", "fa_AF"),
    ("Blue Poppy Child Forum", "BT", "coalition", "", ""),
    ("Thunder Valley Research Circle", "BT", "research", "", ""),
    ("Pink Rose Children's Network", "MV", "coalition", "ފިނިފެންމާ ކުޑަކުދިންގެ ގުޅުން", "dv"),
    ("Atoll Young Navigators", "MV", "child_led", "", ""),
    ("Orchid Observatory on Children's Rights", "TH", "human_rights", "", ""),
)
